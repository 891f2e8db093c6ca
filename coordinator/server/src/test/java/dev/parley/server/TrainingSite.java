package dev.parley.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CohortNotices;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationReport;
import dev.parley.contract.v1.EvaluationRequest;
import dev.parley.contract.v1.Heartbeat;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmitResponse;
import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.statistics.CountsEncoding;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ContributionWeight;
import dev.parley.privacy.update.EncodedUpdate;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RawUpdate;
import dev.parley.privacy.update.RotationSeed;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.SiteName;
import dev.parley.server.configuration.CoordinatorConfiguration;
import dev.parley.server.gateway.ScriptedAgent;
import dev.parley.server.identity.SiteKeys;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;

/**
 * A fake site: its training adds an amount that rises from parameter to parameter. Everything else is as in a real round,
 * its membership in the sums with it.
 */
final class TrainingSite implements AutoCloseable {
    private static final long EXAMPLES = 10;

    /** What a site does in a round. */
    enum Conduct {
        HONEST,
        /** It is there, invited, and does not answer. */
        SILENT,
        /** It deals its shares and dies. */
        DIES_AFTER_DEALING,
        /** Its update is in; then it dies. */
        DIES_AFTER_UPLOADING,
        /** It sends what is no update of the round, is refused, and then what is one. */
        MALFORMED_AT_FIRST
    }

    private final String name;
    private final ScriptedAgent agent;
    private final SumMember member;
    private final float step;
    private final EvaluationCounts counts;
    private final IntFunction<Conduct> conduct;
    private final ExecutorService work = Executors.newSingleThreadExecutor();
    private final Set<Integer> invitedTo = ConcurrentHashMap.newKeySet();
    private final Set<Integer> submittedTo = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Throwable> broken = new CompletableFuture<>();
    private final CompletableFuture<ScriptedAgent.Attendance> attendance = new CompletableFuture<>();
    private final CompletableFuture<Void> died = new CompletableFuture<>();
    private volatile RoundPlan plan = RoundPlan.getDefaultInstance();
    private ByteString planHash = ByteString.EMPTY;

    /** @param conduct by round; asked when the site is invited and when it is told the cohort */
    private TrainingSite(
            String name,
            ScriptedAgent agent,
            SumMember member,
            float step,
            EvaluationCounts counts,
            IntFunction<Conduct> conduct) {
        this.name = name;
        this.agent = agent;
        this.member = member;
        this.step = step;
        this.counts = counts;
        this.conduct = conduct;
    }

    /** Enrols as an agent does: with what the ready file and the token say, and nothing else. */
    static TrainingSite enrolled(
            CoordinatorConfiguration configuration,
            String name,
            SumMember member,
            float step,
            EvaluationCounts counts,
            IntFunction<Conduct> conduct)
            throws Exception {
        JsonNode ready =
                new ObjectMapper().readTree(configuration.listen().readyFile().toFile());
        DataFolder data = DataFolder.open(configuration.data());
        X509Certificate authority = data.authority(configuration.certificates(), InstantSource.system())
                .certificate();
        assertEquals(
                ready.path("authority").asText(),
                ContentHash.of(authority.getEncoded()).hex());
        String token = data.tokens(InstantSource.system())
                .create(new SiteName(name), Duration.ofMinutes(5), ContentHash.of(authority.getEncoded()));
        SiteKeys keys = SiteKeys.fresh();
        int port = ready.path("port").asInt();
        X509Certificate certificate;
        try (ScriptedAgent stranger = ScriptedAgent.connect(port, authority, keys, null)) {
            byte[] der =
                    stranger.enrol(name, token, keys.request()).getCertificate().toByteArray();
            certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        }
        return new TrainingSite(
                name, ScriptedAgent.connect(port, authority, keys, certificate), member, step, counts, conduct);
    }

    TrainingSite attend(String federation) {
        attendance.complete(agent.attend(2, federation, member.announcement(), message -> {
            if (message.hasHeartbeat()) {
                // At once, whatever the site is at.
                attendance.thenAccept(there -> say(
                        there,
                        AgentMessage.newBuilder()
                                .setHeartbeat(Heartbeat.getDefaultInstance())
                                .build()));
                return;
            }
            work.execute(() -> {
                try {
                    hear(message);
                } catch (Throwable failure) {
                    broken.complete(failure);
                }
            });
        }));
        return this;
    }

    String name() {
        return name;
    }

    Set<Integer> invitedTo() {
        return invitedTo;
    }

    Set<Integer> submittedTo() {
        return submittedTo;
    }

    /** The last plan that it was sent. */
    RoundPlan plan() {
        return plan;
    }

    boolean isDead() {
        return died.isDone();
    }

    ScriptedAgent.Attendance attendance() {
        return attendance.join();
    }

    /** Fails the test with what went wrong at the site, if anything did. */
    void requireUnbroken() {
        if (broken.isDone()) {
            throw new AssertionError("site " + name + " broke", broken.join());
        }
    }

    private void say(AgentMessage message) {
        say(attendance.join(), message);
    }

    // From the site's own thread and from gRPC's.
    private static void say(ScriptedAgent.Attendance attendance, AgentMessage message) {
        synchronized (attendance) {
            attendance.out().onNext(message);
        }
    }

    private void hear(CoordinatorMessage message) throws InvalidProtocolBufferException {
        switch (message.getMessageCase()) {
            case KEYS ->
                say(AgentMessage.newBuilder()
                        .setKeys(member.agree(
                                message.getKeys(), roster(message.getKeys().getRosterHash())))
                        .build());
            case PLAN -> answer(message.getPlan());
            case COHORT -> contribute(message.getCohort());
            case SURVIVORS ->
                say(AgentMessage.newBuilder()
                        .setSigned(member.confirm(message.getSurvivors()))
                        .build());
            case OPENING ->
                say(AgentMessage.newBuilder()
                        .setRevealed(member.open(message.getOpening()))
                        .build());
            case EVALUATE -> evaluate(message.getEvaluate());
            case HEARTBEAT, WELCOME, CLOSED, ENDED, MESSAGE_NOT_SET -> {}
        }
    }

    private Roster roster(ByteString hash) {
        return Roster.of(agent.fetch(ContentHash.ofDigest(hash.toByteArray()), 0));
    }

    private void answer(SealedPlan sealed) throws InvalidProtocolBufferException {
        RoundPlan received = RoundPlan.parseFrom(sealed.getPlan());
        ContentHash hash = ContentHash.of(sealed.getPlan().toByteArray());
        plan = received;
        planHash = ByteString.copyFrom(hash.bytes());
        invitedTo.add(received.getRound());
        Conduct now = conduct.apply(received.getRound());
        if (now == Conduct.SILENT) {
            return;
        }
        say(AgentMessage.newBuilder()
                .setAnswer(InvitationAnswer.newBuilder()
                        .setFederation(received.getFederation())
                        .setRound(received.getRound())
                        .setAttempt(received.getAttempt())
                        .setPlanHash(planHash)
                        .setAccepted(member.deal(hash, received, sealed, roster(received.getRosterHash()))))
                .build());
    }

    private void contribute(CohortNotices notices) {
        // That the cohort is known means that the deal has arrived.
        Conduct now = conduct.apply(plan.getRound());
        if (now == Conduct.DIES_AFTER_DEALING) {
            die();
            return;
        }
        member.join(notices);
        ParameterVector model = Safetensors.read(
                agent.fetch(ContentHash.ofDigest(plan.getModelHash().toByteArray()), 0));
        byte[] payload = member.mask(
                        Purpose.UPDATE,
                        ContentHash.ofDigest(plan.getModelHash().toByteArray()),
                        encoded(plan, model)::mask)
                .toBytes();
        if (now == Conduct.MALFORMED_AT_FIRST) {
            requireRefusals(payload);
        }
        SubmitResponse response = upload(payload);
        if (!response.getComplete()) {
            throw new AssertionError("the coordinator holds only " + response.getReceived());
        }
        submittedTo.add(plan.getRound());
        if (now == Conduct.DIES_AFTER_UPLOADING) {
            die();
        }
    }

    private SubmitResponse upload(byte[] payload) {
        return agent.upload()
                .header(SubmissionHeader.newBuilder()
                        .setSubmissionId(
                                plan.getFederation() + "/" + plan.getRound() + "/" + plan.getAttempt() + "/" + name)
                        .setFederation(plan.getFederation())
                        .setRound(plan.getRound())
                        .setAttempt(plan.getAttempt())
                        .setPlanHash(planHash)
                        .setContentHash(
                                ByteString.copyFrom(ContentHash.of(payload).bytes()))
                        .setTotal(payload.length)
                        .build())
                .chunks(payload, 0)
                .await();
    }

    private void requireRefusals(byte[] payload) {
        byte[] padded = payload.clone();
        padded[padded.length - 1] |= (byte) 0x80;
        if (Arrays.equals(padded, payload)) {
            throw new AssertionError("choose a ring in which the last byte is not filled");
        }
        requireRefusal(padded, "zero bits after");
        requireRefusal(Arrays.copyOf(payload, payload.length - 1), "announced were " + (payload.length - 1));
        requireRefusal(Arrays.copyOf(payload, payload.length + 1), "announced were " + (payload.length + 1));
    }

    private void requireRefusal(byte[] payload, String words) {
        try {
            throw new AssertionError("taken: " + upload(payload));
        } catch (StatusRuntimeException refused) {
            Status status = refused.getStatus();
            if (status.getCode() != Status.Code.INVALID_ARGUMENT
                    || !String.valueOf(status.getDescription()).contains(words)) {
                throw new AssertionError("expected a refusal that says '" + words + "'", refused);
            }
        }
    }

    static UpdateEncoding encoding(RoundPlan plan, int dimension) {
        return new UpdateEncoding(
                dimension,
                new ClipNorm(plan.getClipNorm()),
                plan.getCohortCount(),
                new RingModulus(plan.getSecureAggregation().getBits()),
                RotationSeed.ofRound(plan.getFederation(), plan.getSeed(), plan.getRound(), plan.getAttempt()));
    }

    private float[] trained(ParameterVector model) {
        float[] trained = model.toArray();
        for (int i = 0; i < trained.length; i++) {
            trained[i] += step * (1 + i % 3 / 4f);
        }
        return trained;
    }

    /** What training changes, within any clip norm. */
    float[] update(ParameterVector model) {
        return ParameterVector.of(model.layout(), trained(model)).minus(model).toArray();
    }

    /** What this site contributes to a round, before its mask: equal arguments, equal bits. */
    EncodedUpdate encoded(RoundPlan asked, ParameterVector model) {
        byte[] rounding = ContentHash.of(
                        (name + "/" + asked.getRound() + "/" + asked.getAttempt()).getBytes(StandardCharsets.UTF_8))
                .bytes();
        return RawUpdate.between(
                        model,
                        ParameterVector.of(model.layout(), trained(model)),
                        ContributionWeight.of(EXAMPLES, asked.getExampleCap()))
                .clip(new ClipNorm(asked.getClipNorm()))
                .noise(new UpdateNoise.None(), InsecureNoiseSource.replaying(0))
                .encode(encoding(asked, model.size()), SecretSeed.copyOf(rounding, SecretAccess.token()));
    }

    private void evaluate(EvaluationRequest request) {
        CountsEncoding encoding = new CountsEncoding(counts.classes(), CountsEncoding.MOST_SITES);
        byte[] masked = member.mask(
                        Purpose.EVALUATION,
                        ContentHash.ofDigest(request.getModelHash().toByteArray()),
                        mask -> encoding.mask(counts, mask))
                .toBytes();
        say(AgentMessage.newBuilder()
                .setEvaluation(EvaluationReport.newBuilder()
                        .setRound(request.getRound())
                        .setModelHash(request.getModelHash())
                        .setMaskedCounts(ByteString.copyFrom(masked)))
                .build());
    }

    /** Dies as with kill -9: the connection is gone, nothing is said. */
    void die() {
        died.complete(null);
        work.shutdownNow();
        agent.cut();
    }

    @Override
    public void close() throws InterruptedException {
        work.shutdownNow();
        agent.close();
    }
}
