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
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationReport;
import dev.parley.contract.v1.Heartbeat;
import dev.parley.contract.v1.Hello;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.Progress;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.SiteName;
import dev.parley.server.cluster.Federation;
import dev.parley.server.cluster.SiteMessage;
import dev.parley.server.cluster.SiteStatement;
import dev.parley.server.gateway.ScriptedAgent.Attendance;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlStreamTest {
    private static final SiteName NORTH = new SiteName("north");
    private static final ContentHash MODEL = ContentHash.of(new byte[] {5});
    private static final Duration PATIENCE = Duration.ofSeconds(20);

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

    private static Attendance attend(ScriptedAgent agent) {
        Attendance attendance = agent.attend(1, RecordingFederation.NAME, message -> {});
        await().atMost(PATIENCE).until(() -> attendance.heardOf(CoordinatorMessage.MessageCase.WELCOME));
        return attendance;
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

    private static AgentMessage evaluation(Long... counts) {
        return AgentMessage.newBuilder()
                .setEvaluation(EvaluationReport.newBuilder()
                        .setModelHash(ByteString.copyFrom(MODEL.bytes()))
                        .addAllCounts(List.of(counts)))
                .build();
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
                                .addAllCounts(List.of(1L, 0L, 7L)))
                        .build());

        await().atMost(PATIENCE).until(() -> attendance.heardOf(CoordinatorMessage.MessageCase.CLOSED));
        await().atMost(PATIENCE)
                .until(() -> federation.statements.equals(List.of(
                        new SiteStatement.Progressed(1, 4, 10),
                        new SiteStatement.Evaluated(2, MODEL, List.of(1L, 0L, 7L)))));
        CoordinatorMessage welcome = attendance.heard().get(0);
        assertEquals(1, welcome.getWelcome().getProtocolVersion());
        assertEquals(200, welcome.getWelcome().getHeartbeatMillis());
    }

    @Test
    void refusesAnotherProtocolVersionNamingBoth() {
        Status end = north.attend(7, RecordingFederation.NAME, message -> {}).awaitEnd();

        assertRefused(FAILED_PRECONDITION, "the agent speaks protocol version 7, this coordinator speaks 1", end);
        assertTrue(federation.links.isEmpty());
    }

    @Test
    void comparesTheVersionBeforeAnythingElse() {
        assertRefused(
                FAILED_PRECONDITION,
                "version 0",
                north.attend(0, "unknown", message -> {}).awaitEnd());
    }

    @Test
    void refusesAnUnknownFederation() {
        assertRefused(
                NOT_FOUND,
                "runs the federation 'hospital'",
                north.attend(1, "plant", message -> {}).awaitEnd());
    }

    @Test
    void passesOnThatASiteIsNotAMemberOrThereIsNoRoom() {
        federation.attachment = new Federation.Attachment.NotMember();
        assertRefused(
                PERMISSION_DENIED,
                "not a member",
                north.attend(1, RecordingFederation.NAME, message -> {}).awaitEnd());
        federation.attachment = new Federation.Attachment.Full(3);
        assertRefused(
                RESOURCE_EXHAUSTED,
                "3 sites are attached",
                north.attend(1, RecordingFederation.NAME, message -> {}).awaitEnd());
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
        attendance
                .out()
                .onNext(AgentMessage.newBuilder()
                        .setAnswer(InvitationAnswer.newBuilder()
                                .setFederation(RecordingFederation.NAME)
                                .setPlanHash(ByteString.copyFrom(replaced.bytes()))
                                .setAccepted(InvitationAnswer.Accepted.getDefaultInstance()))
                        .build());

        await().atMost(PATIENCE)
                .until(() -> federation.statements.equals(List.of(new SiteStatement.Accepted(replaced))));
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
        AgentMessage counts = evaluation(Collections.nCopies(65_537, 1L).toArray(Long[]::new));
        AgentMessage again =
                AgentMessage.newBuilder().setHello(Hello.getDefaultInstance()).build();

        assertBreaks(answer, "Accepted or Refused");
        assertBreaks(counts, "at most 65536 counts");
        assertBreaks(evaluation(-1L), "got 18446744073709551615");
        assertBreaks(again, "sent once");
        assertBreaks(AgentMessage.getDefaultInstance(), "empty");
        assertBreaks(progress(5, 4), "step 5 of 4");
        assertBreaks(progress(-1, 4), "step is out of range: 4294967295");
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
