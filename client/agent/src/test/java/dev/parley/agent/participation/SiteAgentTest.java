package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.agent.egress.SiteRules;
import dev.parley.agent.storage.BlobCache;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationRequest;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.Welcome;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.statistics.CountsEncoding;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.EncodedUpdate;
import dev.parley.privacy.update.Safetensors;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
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
    private final SumMembership sums = SumPeers.membership("north");
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
                sums,
                Witnesses.forgetful(),
                new BlobCache(folder, 4, InstantSource.system()),
                1 << 20,
                "test",
                pauses.retrying(),
                InstantSource.system());
        return threads.submit(() -> agent.run(true));
    }

    /** Agrees on keys with two peers, so that plans can follow. */
    private SumPeers peers(StreamObserver<CoordinatorMessage> out) throws Exception {
        return agree(SumPeers.of(announced()), out);
    }

    private SumPeers agree(SumPeers peers, StreamObserver<CoordinatorMessage> out) throws Exception {
        coordinator.put(peers.roster().toBytes());
        out.onNext(CoordinatorMessage.newBuilder().setKeys(peers.keyRequest()).build());
        peers.agreed(coordinator.statement());
        return peers;
    }

    private static Assignment assignment(SumPeers peers, int round) {
        Assignments.Draft draft = new Assignments.Draft();
        draft.round = round;
        draft.roster = peers.roster().hash();
        draft.learning = ContentHash.of(LEARNING);
        draft.model = ContentHash.of(MODEL);
        return draft.build();
    }

    private static EncodedUpdate update(String site, Assignment assignment) {
        SiteParticipant participant = new SiteParticipant(
                site,
                ShiftLearner.honest(),
                ContentHash.of(LEARNING),
                ConsentedRecords.select(ShiftLearner.records(12, "research"), "research"),
                ConsentedRecords.select(ShiftLearner.records(4, "research"), "research"),
                SiteParticipantTest.OPEN);
        return assertInstanceOf(
                        Participation.Contributed.class,
                        participant.participate(assignment, AddressedModel.read(MODEL), StepListener.NONE))
                .update();
    }

    /** Hears the acceptance, closes the cohort, and gives the opened sum of the three updates, of which north's came in. */
    private SumPeers.Sums assertUpdateCounts(
            SumPeers peers, Assignment assignment, StreamObserver<CoordinatorMessage> out, InvitationAnswer answer)
            throws Exception {
        assertTrue(answer.hasAccepted(), answer.toString());
        ContentHash plan = ContentHash.of(PlanBytes.of(assignment).toByteArray());
        assertEquals(plan, ContentHash.ofDigest(answer.getPlanHash().toByteArray()));
        SumPeers.Sums sums = peers.deal(plan, assignment, SumPeers.deals(answer.getAccepted()));
        out.onNext(SumPeers.notices(plan, sums));
        byte[] upload = ScriptedCoordinator.next(coordinator.submissions);
        RingModulus modulus = assignment.masking().modulus();
        int[] opened = sums.update()
                .close(
                        upload,
                        modulus,
                        assignment.encoding(ShiftLearner.LAYOUT.size()).length(),
                        assignment.model(),
                        mask -> update("east", assignment).mask(mask).ring(),
                        mask -> update("south", assignment).mask(mask).ring(),
                        answers(out));
        SumPeers.assertSum(
                opened,
                modulus,
                UnmaskedElements.of(update("east", assignment), modulus),
                UnmaskedElements.of(update("north", assignment), modulus),
                UnmaskedElements.of(update("south", assignment), modulus));
        return sums;
    }

    private SumPeers.NorthAnswers answers(StreamObserver<CoordinatorMessage> out) {
        return new SumPeers.NorthAnswers() {
            @Override
            public Confirmation confirm(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors)
                    throws Exception {
                out.onNext(SumPeers.survivors(plan, purpose, subject, survivors));
                return SumPeers.confirmation(coordinator.statement());
            }

            @Override
            public Opening open(ContentHash plan, Purpose purpose, List<Confirmation> confirmations) throws Exception {
                out.onNext(SumPeers.opening(plan, purpose, confirmations));
                return SumPeers.opening(coordinator.statement());
            }
        };
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
        SumPeers peers = peers(out);
        Assignment assignment = assignment(peers, 2);
        out.onNext(peers.plan(PlanBytes.of(assignment)));

        SumPeers.Sums sums = assertUpdateCounts(
                peers, assignment, out, coordinator.statement().getAnswer());

        out.onNext(ScriptedCoordinator.evaluate(2, ContentHash.of(MODEL), ContentHash.of(LEARNING)));
        byte[] report =
                coordinator.statement().getEvaluation().getMaskedCounts().toByteArray();
        CountsEncoding encoding = new CountsEncoding(2, 3);
        EvaluationCounts none = EvaluationCounts.none(2);
        int[] opened = sums.evaluation()
                .orElseThrow()
                .close(
                        report,
                        CountsEncoding.MODULUS,
                        encoding.length(),
                        ContentHash.of(MODEL),
                        mask -> encoding.mask(none, mask).ring(),
                        mask -> encoding.mask(none, mask).ring(),
                        answers(out));
        assertEquals(4, encoding.decode(opened, 3).n());

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
        StreamObserver<CoordinatorMessage> first = coordinator.welcomed("hospital");
        SumPeers peers = peers(first);
        Assignment assignment = assignment(peers, 2);
        first.onNext(peers.plan(PlanBytes.of(assignment)));
        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.hasAccepted());
        await(training);

        first.onError(Status.UNAVAILABLE.withDescription("cut").asException());
        StreamObserver<CoordinatorMessage> second = coordinator.welcomed("hospital");
        second.onNext(peers.plan(PlanBytes.of(assignment)));
        assertEquals(answer, coordinator.statement().getAnswer(), "the same plan is answered with the same deals");
        reconnected.countDown();

        SumPeers.Sums unused = assertUpdateCounts(peers, assignment, second, answer);
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
        SumPeers peers = peers(out);
        out.onNext(peers.plan(PlanBytes.of(assignment(peers, 2))));
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
        Assignment next = assignment(peers, 3);
        second.onNext(peers.plan(PlanBytes.of(next)));

        SumPeers.Sums unused =
                assertUpdateCounts(peers, next, second, coordinator.statement().getAnswer());
        assertEquals(1 + ShiftLearner.STEPS, stepsTrained.get(), "the closed round stops at its next step");
    }

    @Test
    void aPlanThatComesAgainAfterTheUpdateIsInIsRefused() throws Exception {
        run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");
        SumPeers peers = peers(out);
        Assignment assignment = assignment(peers, 2);
        out.onNext(peers.plan(PlanBytes.of(assignment)));
        InvitationAnswer answer = coordinator.statement().getAnswer();
        SumPeers.Sums unused = assertUpdateCounts(peers, assignment, out, answer);
        // Another request comes between, so that the answer is not known by heart.
        out.onNext(CoordinatorMessage.newBuilder().setKeys(peers.keyRequest()).build());
        assertTrue(coordinator.statement().hasKeys());

        out.onNext(peers.plan(PlanBytes.of(assignment)));

        assertEquals(answer, coordinator.statement().getAnswer(), "the deals are the same");
        assertTrue(coordinator.statement().getAnswer().getRefused().getRule().contains("has handed in for it before"));
        assertTrue(coordinator.submissions.isEmpty());
    }

    @Test
    void aLateEndOfTheLastRoundDoesNotEndThisOne() throws Exception {
        run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");
        SumPeers peers = peers(out);
        Assignment assignment = assignment(peers, 3);
        out.onNext(peers.plan(PlanBytes.of(assignment)));
        InvitationAnswer answer = coordinator.statement().getAnswer();

        out.onNext(ScriptedCoordinator.abandoned(2));

        SumPeers.Sums unused = assertUpdateCounts(peers, assignment, out, answer);
    }

    @Test
    void attendsAnewWithNewKeysWhenARoundEndsThatHasWornTheOldOnes() throws Exception {
        run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");
        SumPeers peers = peers(out);
        long epoch = announced().epoch();
        for (int round = 1; round <= SumPeers.WORN / 2; round++) {
            assertEquals(epoch, announced().epoch());
            out.onNext(peers.plan(PlanBytes.of(assignment(peers, round))));
            assertTrue(coordinator.statement().getAnswer().hasAccepted());
            out.onNext(ScriptedCoordinator.abandoned(round));
        }

        StreamObserver<CoordinatorMessage> second = coordinator.welcomed("hospital");
        assertEquals(epoch + 1, announced().epoch());
        SumPeers renewed = agree(peers.meeting(announced()), second);
        Assignment next = assignment(renewed, 3);
        second.onNext(renewed.plan(PlanBytes.of(next)));
        SumPeers.Sums unused = assertUpdateCounts(
                renewed, next, second, coordinator.statement().getAnswer());
    }

    private Announcement announced() {
        return Announcement.of(coordinator.hello.getAnnouncement().toByteArray());
    }

    @Test
    void ofManyPlansThatComeWhileItIsBusyItAnswersTheLast() throws Exception {
        CountDownLatch training = new CountDownLatch(1);
        CountDownLatch flooded = new CountDownLatch(1);
        eachStep = () -> {
            training.countDown();
            await(flooded);
        };
        run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");
        SumPeers peers = peers(out);
        out.onNext(peers.plan(PlanBytes.of(assignment(peers, 2))));
        assertTrue(coordinator.statement().getAnswer().hasAccepted());
        await(training);

        ByteString last = ByteString.EMPTY;
        for (int round = 3; round < 1000; round++) {
            Assignments.Draft unwanted = new Assignments.Draft();
            unwanted.round = round;
            unwanted.federation = "another";
            last = PlanBytes.of(unwanted.build());
            out.onNext(ScriptedCoordinator.plan(last));
        }
        // When the agent is back from this broken message, it has seen all that came before.
        out.onNext(CoordinatorMessage.newBuilder()
                .setEvaluate(EvaluationRequest.newBuilder().setModelHash(ByteString.copyFromUtf8("short")))
                .build());
        StreamObserver<CoordinatorMessage> unused = coordinator.welcomed("hospital");
        flooded.countDown();

        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.hasRefused(), answer.toString());
        assertEquals(999, answer.getRound());
        assertEquals(ScriptedCoordinator.bytes(ContentHash.of(last.toByteArray())), answer.getPlanHash());
        assertEquals(1, stepsTrained.get());
    }

    @Test
    void refusesByTheOwnersRuleBeforeItFetchesAnything() throws Exception {
        run(SiteRules.careful("hospital", "research"));
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");

        out.onNext(ScriptedCoordinator.plan(PlanBytes.of(Assignments.good())));

        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.getRefused().getRule().startsWith("allow-unnoised: "), answer.toString());
        assertTrue(coordinator.fetchedFrom.isEmpty());
        assertEquals(0, stepsTrained.get());
    }

    @Test
    void saysNothingOfItsRecordsOutsideASum() throws Exception {
        run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");

        out.onNext(ScriptedCoordinator.evaluate(2, ContentHash.of(MODEL), ContentHash.of(LEARNING)));
        // Work is done in order: when this plan is answered, the evaluation has been.
        out.onNext(ScriptedCoordinator.plan(ByteString.copyFrom(new byte[] {-1, -1})));

        assertTrue(coordinator.statement().getAnswer().hasRefused());
    }

    @Test
    void refusesAModelThatTheCoordinatorCannotGive() throws Exception {
        run(SiteParticipantTest.OPEN);
        StreamObserver<CoordinatorMessage> out = coordinator.welcomed("hospital");
        SumPeers peers = peers(out);
        Assignments.Draft draft = new Assignments.Draft();
        draft.roster = peers.roster().hash();
        draft.learning = ContentHash.of(LEARNING);
        draft.model = ContentHash.of(new byte[] {1});

        out.onNext(peers.plan(PlanBytes.of(draft.build())));

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
                .setWelcome(Welcome.newBuilder().setProtocolVersion(9).setFederation("hospital"))
                .build());

        assertTrue(assertInstanceOf(SiteAgent.Ending.Refused.class, ending.get())
                .reason()
                .contains("protocol 9"));
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
                SumPeers.membership("north"),
                Witnesses.forgetful(),
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
                                .setProtocolVersion(ControlSession.PROTOCOL_VERSION)
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
                                .setProtocolVersion(ControlSession.PROTOCOL_VERSION)
                                .setFederation("hospital")
                                .setHeartbeatMillis(20))
                        .build());

        ScriptedCoordinator.next(coordinator.attended);
    }
}
