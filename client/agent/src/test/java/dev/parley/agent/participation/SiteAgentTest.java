package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.agent.egress.SiteRules;
import dev.parley.agent.storage.BlobCache;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationRequest;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.Welcome;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.Safetensors;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SiteAgentTest {
    private static final byte[] LEARNING = "learning document".getBytes(StandardCharsets.UTF_8);
    private static final byte[] MODEL = Safetensors.write(Assignments.MODEL.parameters(), Map.of());

    @TempDir
    Path folder;

    private final TimelessPauses pauses = new TimelessPauses();
    private final AtomicInteger stepsTrained = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Runnable eachStep = () -> {};
    private ScriptedCoordinator coordinator;
    private SiteAgent agent;

    @BeforeEach
    void start() throws Exception {
        coordinator = new ScriptedCoordinator();
        coordinator.put(LEARNING);
        coordinator.put(MODEL);
    }

    @AfterEach
    void stop() throws Exception {
        if (agent != null) {
            agent.close();
        }
        coordinator.close();
        threads.shutdownNow();
    }

    private Future<SiteAgent.Ending> run(SiteRules rules) {
        ShiftLearner learner = ShiftLearner.watched(() -> {
            stepsTrained.incrementAndGet();
            eachStep.run();
        });
        SiteWork work = new SiteWork(
                "north",
                "hospital",
                ShiftLearner.SCHEMA,
                ConsentedRecords.select(ShiftLearner.records(12, "research"), "research"),
                ConsentedRecords.select(ShiftLearner.records(4, "research"), "research"),
                rules,
                document -> learner);
        agent = new SiteAgent(
                CoordinatorConnection.over(coordinator.channel()),
                work,
                new BlobCache(folder, 4, InstantSource.system()),
                1 << 20,
                "test",
                pauses.retrying(),
                InstantSource.system());
        return threads.submit(() -> agent.run(true));
    }

    private static Assignment assignment(int round) {
        Assignments.Draft draft = new Assignments.Draft();
        draft.round = round;
        draft.learning = ContentHash.of(LEARNING);
        draft.model = ContentHash.of(MODEL);
        return draft.build();
    }

    private static byte[] expectedUpdate(Assignment assignment) {
        SiteParticipant participant = new SiteParticipant(
                "north",
                ShiftLearner.honest(),
                ContentHash.of(LEARNING),
                ConsentedRecords.select(ShiftLearner.records(12, "research"), "research"),
                ConsentedRecords.select(ShiftLearner.records(4, "research"), "research"),
                SiteParticipantTest.OPEN);
        return assertInstanceOf(
                        Participation.Contributed.class,
                        participant.participate(assignment, AddressedModel.read(MODEL), StepListener.NONE))
                .update()
                .toBytes();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void takesPartScoresAndEnds() throws Exception {
        Future<SiteAgent.Ending> ending = run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");
        ByteString sealed = PlanBytes.of(assignment(2));

        out.onNext(ScriptedCoordinator.plan(sealed));

        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.hasAccepted(), answer.toString());
        assertEquals(
                ContentHash.of(sealed.toByteArray()),
                ContentHash.ofDigest(answer.getPlanHash().toByteArray()));
        assertArrayEquals(expectedUpdate(assignment(2)), ScriptedCoordinator.next(coordinator.submissions));

        out.onNext(ScriptedCoordinator.evaluate(2, ContentHash.of(MODEL), ContentHash.of(LEARNING)));
        AgentMessage report = coordinator.statement();
        long[] counts = report.getEvaluation().getCountsList().stream()
                .mapToLong(Long::longValue)
                .toArray();
        assertEquals(4, EvaluationCounts.fromLongs(counts, 2).n());

        out.onNext(ScriptedCoordinator.ended("completed", ContentHash.of(MODEL)));
        SiteAgent.Ending.FederationEnded ended = assertInstanceOf(SiteAgent.Ending.FederationEnded.class, ending.get());
        assertTrue(ended.completed());
    }

    @Test
    void keepsAtWorkThroughALostConnectionAndTrainsOnce() throws Exception {
        CountDownLatch training = new CountDownLatch(1);
        CountDownLatch reconnected = new CountDownLatch(1);
        eachStep = () -> {
            training.countDown();
            await(reconnected);
        };
        run(SiteParticipantTest.OPEN);
        ByteString sealed = PlanBytes.of(assignment(2));
        StreamObserver<CoordinatorMessage> first = coordinator.welcomed("hospital");
        first.onNext(ScriptedCoordinator.plan(sealed));
        assertTrue(coordinator.statement().getAnswer().hasAccepted());
        await(training);

        first.onError(Status.UNAVAILABLE.withDescription("cut").asException());
        StreamObserver<CoordinatorMessage> second = coordinator.welcomed("hospital");
        second.onNext(ScriptedCoordinator.plan(sealed));
        assertTrue(coordinator.statement().getAnswer().hasAccepted(), "the same plan is answered again");
        reconnected.countDown();

        assertArrayEquals(expectedUpdate(assignment(2)), ScriptedCoordinator.next(coordinator.submissions));
        assertEquals(ShiftLearner.STEPS, stepsTrained.get());
        assertFalse(pauses.asked.isEmpty(), "it waits before it dials again");
    }

    @Test
    void leavesARoundThatHasClosed() throws Exception {
        CountDownLatch training = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        eachStep = () -> {
            training.countDown();
            await(closed);
        };
        run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");
        out.onNext(ScriptedCoordinator.plan(PlanBytes.of(assignment(2))));
        assertTrue(coordinator.statement().getAnswer().hasAccepted());
        await(training);

        out.onNext(ScriptedCoordinator.abandoned(2));
        // Messages are handled in order: when the agent is back from this broken one, the round has been closed.
        out.onNext(CoordinatorMessage.newBuilder()
                .setEvaluate(EvaluationRequest.newBuilder().setModelHash(ByteString.copyFromUtf8("short")))
                .build());
        StreamObserver<CoordinatorMessage> second = coordinator.welcomed("hospital");
        eachStep = () -> {};
        closed.countDown();
        second.onNext(ScriptedCoordinator.plan(PlanBytes.of(assignment(3))));

        assertTrue(coordinator.statement().getAnswer().hasAccepted());
        assertArrayEquals(expectedUpdate(assignment(3)), ScriptedCoordinator.next(coordinator.submissions));
        assertEquals(1 + ShiftLearner.STEPS, stepsTrained.get(), "the closed round stops at its next step");
    }

    @Test
    void refusesByTheOwnersRuleBeforeItFetchesAnything() throws Exception {
        run(SiteRules.careful("hospital", "research"));
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");

        out.onNext(ScriptedCoordinator.plan(PlanBytes.of(assignment(2))));

        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.getRefused().getRule().startsWith("allow-unmasked: "), answer.toString());
        assertTrue(coordinator.fetchedFrom.isEmpty());
        assertEquals(0, stepsTrained.get());
    }

    @Test
    void reportsNoCountsWhenItsOwnerPauses() throws Exception {
        SiteRules paused = new SiteRules(
                true,
                SiteParticipantTest.OPEN.federations(),
                SiteParticipantTest.OPEN.purposes(),
                3,
                100,
                true,
                true,
                java.util.Set.of());
        run(paused);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");

        out.onNext(ScriptedCoordinator.evaluate(2, ContentHash.of(MODEL), ContentHash.of(LEARNING)));

        long[] counts = coordinator.statement().getEvaluation().getCountsList().stream()
                .mapToLong(Long::longValue)
                .toArray();
        assertEquals(0, EvaluationCounts.fromLongs(counts, 2).n());
        assertTrue(coordinator.fetchedFrom.isEmpty());
    }

    @Test
    void refusesAModelThatTheCoordinatorCannotGive() throws Exception {
        run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");
        Assignments.Draft draft = new Assignments.Draft();
        draft.learning = ContentHash.of(LEARNING);
        draft.model = ContentHash.of(new byte[] {1});

        out.onNext(ScriptedCoordinator.plan(PlanBytes.of(draft.build())));

        assertTrue(coordinator.statement().getAnswer().hasAccepted());
        assertTrue(coordinator.statement().getAnswer().getRefused().getRule().startsWith("plan: "));
    }

    @Test
    void endsWhenTheCoordinatorWillNotHaveIt() throws Exception {
        coordinator.attendRefusal = Status.FAILED_PRECONDITION.withDescription("protocol version 2 is needed");

        SiteAgent.Ending ending = run(SiteParticipantTest.OPEN).get();

        assertEquals(
                "protocol version 2 is needed",
                assertInstanceOf(SiteAgent.Ending.Refused.class, ending).reason());
    }

    @Test
    void endsWhenTheCoordinatorSpeaksAnotherProtocol() throws Exception {
        Future<SiteAgent.Ending> ending = run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = ScriptedCoordinator.next(coordinator.attended);

        out.onNext(CoordinatorMessage.newBuilder()
                .setWelcome(Welcome.newBuilder().setProtocolVersion(2).setFederation("hospital"))
                .build());

        assertTrue(assertInstanceOf(SiteAgent.Ending.Refused.class, ending.get())
                .reason()
                .contains("protocol 2"));
    }

    @Test
    void triesAgainForAsLongAsNobodyIsThere() throws Exception {
        CountDownLatch tried = new CountDownLatch(6);
        coordinator.close();
        ScriptedCoordinator gone = coordinator;
        agent = new SiteAgent(
                CoordinatorConnection.over(gone.channel()),
                new SiteWork(
                        "north",
                        "hospital",
                        ShiftLearner.SCHEMA,
                        ConsentedRecords.select(ShiftLearner.records(1, "research"), "research"),
                        ConsentedRecords.select(ShiftLearner.records(1, "research"), "research"),
                        SiteParticipantTest.OPEN,
                        document -> ShiftLearner.honest()),
                new BlobCache(folder, 4, InstantSource.system()),
                1 << 20,
                "test",
                new Retrying(
                        Backoff.STANDARD,
                        (length, cut) -> {
                            pauses.pause(length, cut);
                            tried.countDown();
                        },
                        new java.util.SplittableRandom(5)),
                InstantSource.system());
        Future<SiteAgent.Ending> ending = threads.submit(() -> agent.run(true));
        await(tried);

        agent.close();

        assertInstanceOf(SiteAgent.Ending.Stopped.class, ending.get());
        assertTrue(pauses.asked.get(5).toMillis() >= 8_000, "waits grow: " + pauses.asked);
    }

    @Test
    void sendsHeartbeats() throws Exception {
        run(SiteParticipantTest.OPEN);
        ScriptedCoordinator.next(coordinator.attended)
                .onNext(CoordinatorMessage.newBuilder()
                        .setWelcome(Welcome.newBuilder()
                                .setProtocolVersion(1)
                                .setFederation("hospital")
                                .setHeartbeatMillis(20))
                        .build());

        assertTrue(ScriptedCoordinator.next(coordinator.heard).hasHello());
        assertTrue(ScriptedCoordinator.next(coordinator.heard).hasHeartbeat());
    }

    @Test
    void attendsAfreshWhenTheCoordinatorFallsSilent() throws Exception {
        run(SiteParticipantTest.OPEN);
        ScriptedCoordinator.next(coordinator.attended)
                .onNext(CoordinatorMessage.newBuilder()
                        .setWelcome(Welcome.newBuilder()
                                .setProtocolVersion(1)
                                .setFederation("hospital")
                                .setHeartbeatMillis(20))
                        .build());

        ScriptedCoordinator.next(coordinator.attended);
    }
}
