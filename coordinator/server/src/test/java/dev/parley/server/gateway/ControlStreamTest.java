package dev.parley.server.gateway;

import static dev.parley.server.gateway.GatewayFixture.assertRefused;
import static io.grpc.Status.Code.ABORTED;
import static io.grpc.Status.Code.CANCELLED;
import static io.grpc.Status.Code.DEADLINE_EXCEEDED;
import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.PERMISSION_DENIED;
import static io.grpc.Status.Code.RESOURCE_EXHAUSTED;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.DealtShare;
import dev.parley.contract.v1.Encapsulation;
import dev.parley.contract.v1.EvaluationReport;
import dev.parley.contract.v1.Heartbeat;
import dev.parley.contract.v1.Hello;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.KeyAgreement;
import dev.parley.contract.v1.LogContinuation;
import dev.parley.contract.v1.LogEntry;
import dev.parley.contract.v1.OpenedShare;
import dev.parley.contract.v1.Progress;
import dev.parley.contract.v1.SharesRevealed;
import dev.parley.contract.v1.SumPurpose;
import dev.parley.contract.v1.SurvivorsSigned;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberKeys;
import dev.parley.privacy.secagg.key.EpochKeys;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.transparency.InclusionProof;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.WitnessRule;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.SiteName;
import dev.parley.server.cluster.Federation;
import dev.parley.server.cluster.SiteMessage;
import dev.parley.server.cluster.SiteStatement;
import dev.parley.server.gateway.ScriptedAgent.Attendance;
import io.grpc.Status;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlStreamTest {
    private static final SiteName NORTH = new SiteName("north");
    private static final ContentHash MODEL = ContentHash.of(new byte[] {5});
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ByteString KEYS_OF_NORTH = bytes(announcement(RecordingFederation.NAME, "north"));

    @TempDir
    Path folder;

    private RecordingFederation federation;
    private GatewayFixture gateway;
    private ScriptedAgent north;

    @BeforeEach
    void start() throws Exception {
        GatewayLimits standard = GatewayLimits.defaults();
        federation = new RecordingFederation();
        gateway = new GatewayFixture(
                folder,
                federation,
                new GatewayLimits(
                        standard.maxMessageBytes(),
                        standard.maxHeaderBytes(),
                        standard.maxCallsPerConnection(),
                        standard.maxSites(),
                        Duration.ofMillis(200),
                        standard.stalledTransfer(),
                        standard.leastKeepAlive(),
                        standard.enrolmentFailuresPerMinute()));
        north = gateway.agent("north");
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private static Announcement announcement(String federation, String site) {
        SecureRandom random = new SecureRandom();
        return MemberKeys.begin(federation, site, 1, SiteIdentityKey.generate(random), random)
                .announcement();
    }

    private static ByteString bytes(Announcement announcement) {
        return ByteString.copyFrom(announcement.toBytes());
    }

    private static ByteString bytes(ContentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }

    private Status end(ByteString announcement) {
        return north.attend(2, RecordingFederation.NAME, announcement, message -> {})
                .awaitEnd();
    }

    private static Attendance attend(ScriptedAgent agent) {
        Attendance attendance = agent.attend(2, RecordingFederation.NAME, KEYS_OF_NORTH, message -> {});
        await().atMost(PATIENCE).until(() -> attendance.heardOf(CoordinatorMessage.MessageCase.WELCOME));
        return attendance;
    }

    /** The log comes before the release that it proves, and continues what was shown at the beginning. */
    @Test
    void aReleaseIsProvedInTheLogThatIsShownBeforeIt() throws Exception {
        Attendance attendance = attend(north);
        await().atMost(PATIENCE).until(() -> federation.links.containsKey(NORTH));
        AuditEvent.Round round = new AuditEvent.Round(RecordingFederation.NAME, 2, 1, MODEL);
        gateway.audit.enter(new AuditEvent.RoundReleased(round, MODEL, MODEL, List.of(), MODEL));

        federation.links.get(NORTH).send(new SiteMessage.Released(new RoundId(2, 1), MODEL, 3));

        await().atMost(PATIENCE).until(() -> attendance.heardOf(CoordinatorMessage.MessageCase.CLOSED));
        LogEntry entry = attendance.heard().stream()
                .filter(CoordinatorMessage::hasClosed)
                .findFirst()
                .orElseThrow()
                .getClosed()
                .getReleased()
                .getLogEntry();
        WitnessRule rule = WitnessRule.beginning(gateway.audit.key());
        for (LogContinuation shown : north.shownLog()) {
            rule = rule.after(assertInstanceOf(
                    WitnessRule.Judgement.Accepted.class,
                    rule.judge(
                            shown.getCheckpoint().toByteArray(),
                            shown.getConsistencyList().stream()
                                    .map(hash -> ContentHash.ofDigest(hash.toByteArray()))
                                    .toList())));
        }
        assertEquals(2, north.shownLog().size());
        assertTrue(new InclusionProof(entry.getIndex(), rule.last().size(), List.of())
                .proves(
                        MerkleTree.leafHash(entry.getEntry().toByteArray()),
                        rule.last().root()));
    }

    private static AgentMessage heartbeat() {
        return AgentMessage.newBuilder()
                .setHeartbeat(Heartbeat.getDefaultInstance())
                .build();
    }

    private static AgentMessage progress(int step, int steps) {
        return AgentMessage.newBuilder()
                .setProgress(Progress.newBuilder().setRound(1).setStep(step).setSteps(steps))
                .build();
    }

    private static AgentMessage answer(InvitationAnswer.Accepted accepted) {
        return AgentMessage.newBuilder()
                .setAnswer(InvitationAnswer.newBuilder()
                        .setFederation(RecordingFederation.NAME)
                        .setPlanHash(bytes(MODEL))
                        .setAccepted(accepted))
                .build();
    }

    private static AgentMessage keys(Encapsulation... encapsulations) {
        return AgentMessage.newBuilder()
                .setKeys(KeyAgreement.newBuilder()
                        .setRosterHash(bytes(MODEL))
                        .addAllEncapsulations(List.of(encapsulations)))
                .build();
    }

    private static Encapsulation encapsulation(int peer) {
        return Encapsulation.newBuilder()
                .setPeer(peer)
                .setCiphertext(ByteString.copyFrom(new byte[EpochKeys.ENCAPSULATION_BYTES]))
                .build();
    }

    private static AgentMessage signed(SurvivorsSigned.Builder signed) {
        return AgentMessage.newBuilder().setSigned(signed).build();
    }

    private static AgentMessage revealed(SharesRevealed.Builder revealed) {
        return AgentMessage.newBuilder().setRevealed(revealed).build();
    }

    @Test
    void welcomesASiteAndCarriesMessagesBothWays() {
        Attendance attendance = attend(north);
        await().atMost(PATIENCE).until(() -> federation.links.containsKey(NORTH));

        federation.links.get(NORTH).send(new SiteMessage.Released(new RoundId(2, 1), MODEL, 3));
        attendance.out().onNext(progress(4, 10));
        attendance
                .out()
                .onNext(AgentMessage.newBuilder()
                        .setEvaluation(EvaluationReport.newBuilder()
                                .setRound(2)
                                .setModelHash(ByteString.copyFrom(MODEL.bytes()))
                                .setMaskedCounts(ByteString.copyFrom(new byte[] {1, 0, 7})))
                        .build());

        await().atMost(PATIENCE).until(() -> attendance.heardOf(CoordinatorMessage.MessageCase.CLOSED));
        await().atMost(PATIENCE)
                .until(() -> federation.statements.equals(List.of(
                        new SiteStatement.Progressed(1, 4, 10),
                        new SiteStatement.Evaluated(2, MODEL, Bytes.of(new byte[] {1, 0, 7})))));
        CoordinatorMessage welcome = attendance.heard().get(0);
        assertEquals(2, welcome.getWelcome().getProtocolVersion());
        assertEquals(200, welcome.getWelcome().getHeartbeatMillis());
    }

    @Test
    void refusesAnotherProtocolVersionNamingBoth() {
        Status end = north.attend(7, RecordingFederation.NAME, KEYS_OF_NORTH, message -> {})
                .awaitEnd();

        assertRefused(FAILED_PRECONDITION, "the agent speaks protocol version 7, this coordinator speaks 2", end);
        assertTrue(federation.links.isEmpty());
    }

    @Test
    void refusesTheProtocolThatHadUnmaskedUpdates() {
        Status end = north.attend(1, RecordingFederation.NAME, ByteString.EMPTY, message -> {})
                .awaitEnd();

        assertRefused(FAILED_PRECONDITION, "the agent speaks protocol version 1, this coordinator speaks 2", end);
        assertTrue(federation.links.isEmpty());
    }

    @Test
    void comparesTheVersionBeforeAnythingElse() {
        assertRefused(
                FAILED_PRECONDITION,
                "version 0",
                north.attend(0, "unknown", ByteString.EMPTY, message -> {}).awaitEnd());
    }

    @Test
    void refusesAnUnknownFederation() {
        assertRefused(
                NOT_FOUND,
                "runs the federation 'hospital'",
                north.attend(2, "plant", KEYS_OF_NORTH, message -> {}).awaitEnd());
    }

    @Test
    void refusesASiteWithoutItsOwnAuthenticKeys() {
        byte[] own = KEYS_OF_NORTH.toByteArray();
        byte[] forged = own.clone();
        forged[forged.length - 1] ^= 1;
        Announcement authentic = Announcement.of(own);
        Announcement otherSignature = new Announcement(
                authentic.federation(),
                authentic.site(),
                authentic.epoch() + 1,
                authentic.identity(),
                authentic.keys(),
                authentic.signature());

        assertRefused(INVALID_ARGUMENT, "announcement of keys: the announcement is cut short", end(ByteString.EMPTY));
        assertRefused(INVALID_ARGUMENT, "does not carry the signatures", end(ByteString.copyFrom(forged)));
        assertRefused(INVALID_ARGUMENT, "does not carry the signatures", end(bytes(otherSignature)));
        assertRefused(
                INVALID_ARGUMENT,
                "is another site's, expected one of north",
                end(bytes(announcement(RecordingFederation.NAME, "south"))));
        assertRefused(
                INVALID_ARGUMENT,
                "is for another federation, expected 'hospital'",
                end(bytes(announcement("plant", "north"))));
        assertRefused(INVALID_ARGUMENT, "1 bytes follow", end(KEYS_OF_NORTH.concat(ByteString.copyFrom(new byte[1]))));
        assertRefused(
                INVALID_ARGUMENT, "at most 16384 bytes, got 16385", end(ByteString.copyFrom(new byte[(16 << 10) + 1])));
        assertTrue(federation.links.isEmpty());
    }

    @Test
    void passesOnThatASiteIsNotAMemberOrThereIsNoRoom() {
        federation.attachment = new Federation.Attachment.NotMember();
        assertRefused(PERMISSION_DENIED, "not a member", end(KEYS_OF_NORTH));
        federation.attachment = new Federation.Attachment.Full(3);
        assertRefused(RESOURCE_EXHAUSTED, "3 sites are attached", end(KEYS_OF_NORTH));
    }

    @Test
    void aNewStreamReplacesTheOld() {
        Attendance first = attend(north);
        attend(north);

        assertRefused(ABORTED, "a newer control stream of site north", first.awaitEnd());
        assertTrue(federation.links.containsKey(NORTH));
        assertTrue(federation.detached.isEmpty());
    }

    @Test
    void takesASilentSiteForGone() {
        Attendance attendance = attend(north);

        assertRefused(DEADLINE_EXCEEDED, "no message for 3 heartbeats", attendance.awaitEnd());
        await().atMost(PATIENCE).until(() -> federation.detached.equals(List.of(NORTH)));
        assertTrue(attendance.heardOf(CoordinatorMessage.MessageCase.HEARTBEAT));
    }

    @Test
    void keepsASiteThatSendsHeartbeats() {
        Attendance attendance = attend(north);

        // Five silences' worth of the coordinator's own heartbeats, each answered.
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            attendance.out().onNext(heartbeat());
            return attendance.heard().stream()
                            .filter(CoordinatorMessage::hasHeartbeat)
                            .count()
                    >= 15;
        });

        assertFalse(attendance.end().isDone());
    }

    @Test
    void noticesACutConnection() {
        attend(north);
        await().atMost(PATIENCE).until(() -> federation.links.containsKey(NORTH));

        north.cut();

        await().atMost(PATIENCE).until(() -> federation.detached.equals(List.of(NORTH)));
    }

    @Test
    void passesOnAnAnswerToAPlanThatHasJustBeenReplaced() {
        ContentHash replaced = ContentHash.of(new byte[] {6});
        Attendance attendance = attend(north);
        dev.parley.contract.v1.Deal dealt = dev.parley.contract.v1.Deal.newBuilder()
                .addShares(DealtShare.newBuilder().setTo(1))
                .build();

        attendance
                .out()
                .onNext(AgentMessage.newBuilder()
                        .setAnswer(InvitationAnswer.newBuilder()
                                .setFederation(RecordingFederation.NAME)
                                .setPlanHash(bytes(replaced))
                                .setAccepted(InvitationAnswer.Accepted.newBuilder()
                                        .setFrom(3)
                                        .setUpdate(dealt)))
                        .build());

        Bytes none = Bytes.of(new byte[0]);
        Deal deal = new Deal(3, List.of(new Deal.DealtShare(1, none, none)), none);
        await().atMost(PATIENCE)
                .until(() -> federation.statements.equals(
                        List.of(new SiteStatement.Accepted(replaced, new RoundEvent.Deals(deal, Optional.empty())))));
        assertFalse(attendance.end().isDone());
    }

    @Test
    void refusesMessagesThatBreakARule() {
        ContentHash unseen = ContentHash.of(new byte[] {6});
        AgentMessage answer = AgentMessage.newBuilder()
                .setAnswer(InvitationAnswer.newBuilder()
                        .setFederation(RecordingFederation.NAME)
                        .setPlanHash(ByteString.copyFrom(unseen.bytes())))
                .build();
        AgentMessage again =
                AgentMessage.newBuilder().setHello(Hello.getDefaultInstance()).build();

        assertBreaks(answer, "Accepted or Refused");
        assertBreaks(again, "sent once");
        assertBreaks(AgentMessage.getDefaultInstance(), "empty");
        assertBreaks(progress(5, 4), "step 5 of 4");
        assertBreaks(progress(-1, 4), "step is out of range: 4294967295");
        assertTrue(federation.statements.isEmpty());
    }

    @Test
    void refusesMalformedMessagesOfTheSums() {
        dev.parley.contract.v1.Deal deal = dev.parley.contract.v1.Deal.getDefaultInstance();
        dev.parley.contract.v1.Deal farAway = dev.parley.contract.v1.Deal.newBuilder()
                .addShares(DealtShare.newBuilder().setTo(Integer.MAX_VALUE))
                .build();
        SurvivorsSigned.Builder signed =
                SurvivorsSigned.newBuilder().setPlanHash(bytes(MODEL)).setPurpose(SumPurpose.SUM_PURPOSE_UPDATE);
        SharesRevealed.Builder revealed =
                SharesRevealed.newBuilder().setPlanHash(bytes(MODEL)).setPurpose(SumPurpose.SUM_PURPOSE_EVALUATION);

        assertBreaks(answer(InvitationAnswer.Accepted.getDefaultInstance()), "deals shares for the sum of updates");
        assertBreaks(
                answer(InvitationAnswer.Accepted.newBuilder()
                        .setUpdate(deal)
                        .setFrom(-1)
                        .build()),
                "position in a roster is out of range: 4294967295");
        assertBreaks(
                answer(InvitationAnswer.Accepted.newBuilder()
                        .setUpdate(deal)
                        .setEvaluation(farAway)
                        .build()),
                "position in a roster is out of range: 2147483647");
        assertBreaks(
                keys(Encapsulation.newBuilder()
                        .setPeer(1)
                        .setCiphertext(ByteString.copyFrom(new byte[3]))
                        .build()),
                "an encapsulation has " + EpochKeys.ENCAPSULATION_BYTES + " bytes, got 3");
        assertBreaks(keys(encapsulation(1), encapsulation(1)), "once to a peer");
        assertBreaks(keys(encapsulation(10_000)), "position in a roster is out of range: 10000");
        assertBreaks(signed(signed.clone().clearPlanHash()), "SHA-256 of 32 bytes, got 0 bytes");
        assertBreaks(signed(signed.clone().clearPurpose()), "of updates or of evaluations");
        assertBreaks(signed(signed.clone().setPurposeValue(9)), "of updates or of evaluations");
        assertBreaks(signed(signed.clone().setFrom(-5)), "position in a roster is out of range");
        assertBreaks(revealed(revealed.clone().clearPurpose()), "of updates or of evaluations");
        assertBreaks(
                revealed(revealed.clone().addShares(OpenedShare.newBuilder().setKind(3))), "kind 1 or 2, got 3");
        assertBreaks(revealed(revealed.clone().addShares(OpenedShare.getDefaultInstance())), "kind 1 or 2, got 0");
        assertBreaks(
                revealed(revealed.clone()
                        .addShares(OpenedShare.newBuilder().setKind(1).setDealer(1 << 20))),
                "position in a roster is out of range: 1048576");
        assertTrue(federation.statements.isEmpty());
    }

    private void assertBreaks(AgentMessage message, String rule) {
        Attendance attendance = attend(north);
        attendance.out().onNext(message);
        assertRefused(INVALID_ARGUMENT, rule, attendance.awaitEnd());
    }

    @Test
    void refusesAnOversizedMessageAndAFlood() {
        Attendance oversized = attend(north);
        oversized
                .out()
                .onNext(AgentMessage.newBuilder()
                        .setHello(Hello.newBuilder().setSoftware("x".repeat(2 << 20)))
                        .build());
        // gRPC resets such a stream before a status can be sent.
        assertTrue(
                Set.of(RESOURCE_EXHAUSTED, CANCELLED)
                        .contains(oversized.awaitEnd().getCode()),
                oversized.awaitEnd().toString());

        Attendance flood = attend(north);
        for (int i = 0; i < 5000 && !flood.end().isDone(); i++) {
            flood.out().onNext(progress(1, 2));
        }
        assertRefused(RESOURCE_EXHAUSTED, "report progress once a second", flood.awaitEnd());
    }
}
