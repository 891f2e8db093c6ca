package dev.parley.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationReport;
import dev.parley.contract.v1.EvaluationRequest;
import dev.parley.contract.v1.Heartbeat;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmitResponse;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ContributionWeight;
import dev.parley.privacy.update.FixedPointEncoding;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RawUpdate;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateMasking;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.server.gateway.ScriptedAgent;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntPredicate;

/** A fake site: its training adds the same amount to every parameter. Everything else is as in a real round. */
final class TrainingSite implements AutoCloseable {
    private static final long EXAMPLES = 10;

    private final String name;
    private final ScriptedAgent agent;
    private final float step;
    private final IntPredicate trains;
    private final List<Long> counts;
    private final ExecutorService work = Executors.newSingleThreadExecutor();
    private final Set<Integer> invitedTo = ConcurrentHashMap.newKeySet();
    private final Set<Integer> submittedTo = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Throwable> broken = new CompletableFuture<>();
    private volatile ScriptedAgent.Attendance attendance;

    /** @param trains whether it answers a round at all; a site that does not is there, invited, and silent */
    TrainingSite(String name, ScriptedAgent agent, float step, List<Long> counts, IntPredicate trains) {
        this.name = name;
        this.agent = agent;
        this.step = step;
        this.trains = trains;
        this.counts = counts;
    }

    TrainingSite attend(String federation) {
        attendance = agent.attend(
                1,
                federation,
                message -> work.execute(() -> {
                    try {
                        hear(message);
                    } catch (Throwable failure) {
                        broken.complete(failure);
                    }
                }));
        return this;
    }

    Set<Integer> invitedTo() {
        return invitedTo;
    }

    Set<Integer> submittedTo() {
        return submittedTo;
    }

    ScriptedAgent.Attendance attendance() {
        return attendance;
    }

    /** Fails the test with what went wrong at the site, if anything did. */
    void requireUnbroken() {
        if (broken.isDone()) {
            throw new AssertionError("site " + name + " broke", broken.join());
        }
    }

    private void hear(CoordinatorMessage message) throws InvalidProtocolBufferException {
        switch (message.getMessageCase()) {
            case PLAN -> takePart(message.getPlan().getPlan());
            case EVALUATE -> evaluate(message.getEvaluate());
            case HEARTBEAT ->
                attendance
                        .out()
                        .onNext(AgentMessage.newBuilder()
                                .setHeartbeat(Heartbeat.getDefaultInstance())
                                .build());
            case WELCOME, CLOSED, ENDED, MESSAGE_NOT_SET -> {}
        }
    }

    private void takePart(ByteString sealed) throws InvalidProtocolBufferException {
        RoundPlan plan = RoundPlan.parseFrom(sealed);
        ByteString planHash =
                ByteString.copyFrom(ContentHash.of(sealed.toByteArray()).bytes());
        invitedTo.add(plan.getRound());
        if (!trains.test(plan.getRound())) {
            return;
        }
        attendance
                .out()
                .onNext(AgentMessage.newBuilder()
                        .setAnswer(InvitationAnswer.newBuilder()
                                .setFederation(plan.getFederation())
                                .setRound(plan.getRound())
                                .setAttempt(plan.getAttempt())
                                .setPlanHash(planHash)
                                .setAccepted(InvitationAnswer.Accepted.getDefaultInstance()))
                        .build());
        byte[] payload = train(plan);
        SubmitResponse response = agent.upload()
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
        if (!response.getComplete()) {
            throw new AssertionError("the coordinator holds only " + response.getReceived());
        }
        submittedTo.add(plan.getRound());
    }

    private byte[] train(RoundPlan plan) {
        ContentHash hash = ContentHash.ofDigest(plan.getModelHash().toByteArray());
        ParameterVector model = Safetensors.read(agent.fetch(hash, 0));
        float[] trained = model.toArray();
        for (int i = 0; i < trained.length; i++) {
            trained[i] += step;
        }
        ClipNorm bound = new ClipNorm(plan.getClipNorm());
        return RawUpdate.between(
                        model,
                        ParameterVector.of(model.layout(), trained),
                        ContributionWeight.of(EXAMPLES, plan.getExampleCap()))
                .clip(bound)
                .noise(new UpdateNoise.None())
                .mask(new FixedPointEncoding(bound, plan.getCohortLimit()), new UpdateMasking.None())
                .toBytes();
    }

    private void evaluate(EvaluationRequest request) {
        attendance
                .out()
                .onNext(AgentMessage.newBuilder()
                        .setEvaluation(EvaluationReport.newBuilder()
                                .setRound(request.getRound())
                                .setModelHash(request.getModelHash())
                                .addAllCounts(counts))
                        .build());
    }

    /** Dies as with kill -9: the connection is gone, nothing is said. */
    void die() {
        work.shutdownNow();
        agent.cut();
    }

    @Override
    public void close() throws InterruptedException {
        work.shutdownNow();
        agent.close();
    }
}
