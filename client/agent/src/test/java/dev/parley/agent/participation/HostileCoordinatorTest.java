package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.agent.storage.BlobCache;
import dev.parley.contract.v1.CohortNotice;
import dev.parley.contract.v1.CohortNotices;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.Encapsulation;
import dev.parley.contract.v1.IncomingShare;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.KeyRequest;
import dev.parley.contract.v1.OpeningRequest;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.contract.v1.SumPurpose;
import dev.parley.contract.v1.SurvivorsRequest;
import dev.parley.contract.v1.SurvivorsSigned;
import dev.parley.contract.v1.Welcome;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.Safetensors;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a coordinator can send that no honest one would. The site goes on attending, and its log says nothing it was told. */
@Timeout(60)
class HostileCoordinatorTest {
    private static final byte[] LEARNING = "learning document".getBytes(StandardCharsets.UTF_8);
    private static final byte[] MODEL = Safetensors.write(Assignments.MODEL.parameters(), Map.of());
    private static final byte[] NO_ROSTER = "no roster".getBytes(StandardCharsets.UTF_8);
    private static final ByteString UNKNOWN = ByteString.copyFrom(new byte[32]);
    private static final ByteString MANY_MEMBERS = ByteString.copyFrom(filled(100_000));
    private static final ByteString SHORT = ByteString.copyFrom(new byte[3]);

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private ScriptedCoordinator coordinator;
    private SiteAgent agent;
    private StreamObserver<CoordinatorMessage> out;
    private SumPeers peers;

    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        java.util.Arrays.fill(bytes, (byte) -1);
        return bytes;
    }

    @BeforeEach
    void attend() throws Exception {
        log.list = Collections.synchronizedList(log.list);
        log.start();
        root().addAppender(log);
        coordinator = new ScriptedCoordinator();
        coordinator.put(NO_ROSTER);
        BlobCache cache = new BlobCache(folder, 8, InstantSource.system());
        // Held already, so that nothing is written any more when a test ends and its folder goes.
        for (byte[] blob : List.of(LEARNING, MODEL)) {
            cache.append(ContentHash.of(blob), ByteBuffer.wrap(blob));
            assertTrue(cache.complete(ContentHash.of(blob)).isPresent());
        }
        SiteWork work = new SiteWork(
                "north",
                "hospital",
                ShiftLearner.SCHEMA,
                ConsentedRecords.select(ShiftLearner.records(12, "research"), "research"),
                ConsentedRecords.select(ShiftLearner.records(4, "research"), "research"),
                SiteParticipantTest.OPEN,
                document -> ShiftLearner.honest());
        agent = new SiteAgent(
                CoordinatorConnection.over(coordinator.channel()),
                work,
                SumPeers.membership("north"),
                Witnesses.forgetful(),
                cache,
                1 << 20,
                "test",
                new TimelessPauses().retrying(),
                InstantSource.system());
        threads.submit(() -> agent.run(true));
        out = coordinator.welcomed("hospital");
        peers = SumPeers.of(Announcement.of(coordinator.hello.getAnnouncement().toByteArray()));
        coordinator.put(peers.roster().toBytes());
        out.onNext(CoordinatorMessage.newBuilder().setKeys(peers.keyRequest()).build());
        peers.agreed(coordinator.statement());
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        coordinator.close();
        threads.shutdownNow();
        root().detachAppender(log);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private Assignment assignment(ContentHash roster) {
        Assignments.Draft draft = new Assignments.Draft();
        draft.roster = roster;
        draft.learning = ContentHash.of(LEARNING);
        draft.model = ContentHash.of(MODEL);
        return draft.build();
    }

    private InvitationAnswer acceptance() throws Exception {
        Assignment assignment = assignment(peers.roster().hash());
        out.onNext(peers.plan(PlanBytes.of(assignment)));
        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.hasAccepted(), answer.toString());
        return answer;
    }

    private void assertNothingBroke() {
        assertNull(coordinator.attended.poll(), "the attendance goes on");
        for (ILoggingEvent event : List.copyOf(log.list)) {
            assertNull(event.getThrowableProxy(), event.getMessage());
        }
    }

    static Stream<CoordinatorMessage> unanswered() {
        SurvivorsSigned longSignature = SurvivorsSigned.newBuilder()
                .setFrom(1)
                .setSignature(MANY_MEMBERS)
                .build();
        CohortNotice manyMembers =
                CohortNotice.newBuilder().setCohort(MANY_MEMBERS).build();
        return Stream.of(
                CoordinatorMessage.getDefaultInstance(),
                keys(KeyRequest.newBuilder().setRosterHash(UNKNOWN).addPeers(2)),
                keys(KeyRequest.newBuilder()
                        .setRosterHash(ScriptedCoordinator.bytes(ContentHash.of(NO_ROSTER)))
                        .addPeers(2)),
                cohort(CohortNotices.newBuilder()),
                cohort(CohortNotices.newBuilder().setUpdate(manyMembers).setEvaluation(manyMembers)),
                survivors(SurvivorsRequest.newBuilder().setPurpose(SumPurpose.SUM_PURPOSE_UPDATE)),
                survivors(SurvivorsRequest.newBuilder().setPurposeValue(77)),
                survivors(SurvivorsRequest.newBuilder()
                        .setPurpose(SumPurpose.SUM_PURPOSE_EVALUATION)
                        .setSurvivors(MANY_MEMBERS)),
                opening(OpeningRequest.newBuilder().setPurpose(SumPurpose.SUM_PURPOSE_UPDATE)),
                opening(OpeningRequest.newBuilder().setPurposeValue(-1)),
                opening(OpeningRequest.newBuilder()
                        .setPurpose(SumPurpose.SUM_PURPOSE_UPDATE)
                        .addSignatures(SurvivorsSigned.newBuilder().setFrom(-1))
                        .addSignatures(SurvivorsSigned.newBuilder().setFrom(Integer.MAX_VALUE))
                        .addSignatures(longSignature)),
                ScriptedCoordinator.abandoned(-1),
                ScriptedCoordinator.evaluate(-1, ContentHash.of(MODEL), ContentHash.of(NO_ROSTER)));
    }

    private static CoordinatorMessage keys(KeyRequest.Builder keys) {
        return CoordinatorMessage.newBuilder().setKeys(keys).build();
    }

    private static CoordinatorMessage cohort(CohortNotices.Builder notices) {
        return CoordinatorMessage.newBuilder()
                .setCohort(notices.setPlanHash(UNKNOWN))
                .build();
    }

    private static CoordinatorMessage survivors(SurvivorsRequest.Builder request) {
        return CoordinatorMessage.newBuilder()
                .setSurvivors(request.setPlanHash(UNKNOWN).setSubject(UNKNOWN))
                .build();
    }

    private static CoordinatorMessage opening(OpeningRequest.Builder request) {
        return CoordinatorMessage.newBuilder()
                .setOpening(request.setPlanHash(UNKNOWN))
                .build();
    }

    @ParameterizedTest
    @MethodSource("unanswered")
    void whatMeansNothingIsLeftUnansweredAndThePlanAfterItIsTaken(CoordinatorMessage message) throws Exception {
        out.onNext(message);

        InvitationAnswer unused = acceptance();

        assertNothingBroke();
    }

    /** The one before this site, the site itself, and one behind the roster's end. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, Roster.MAX_MEMBERS - 1})
    void positionsThatAreNotItsPeersAreNotAgreedWith(int peer) throws Exception {
        out.onNext(keys(KeyRequest.newBuilder()
                .setRosterHash(ScriptedCoordinator.bytes(peers.roster().hash()))
                .addPeers(peer)));

        InvitationAnswer unused = acceptance();

        assertNothingBroke();
    }

    static Stream<List<Encapsulation>> encapsulations() {
        ByteString right = ByteString.copyFrom(new byte[1088]);
        return Stream.of(
                List.of(encapsulation(-1, right)),
                List.of(encapsulation(Integer.MAX_VALUE, right)),
                List.of(encapsulation(1, right)),
                List.of(encapsulation(2, right)),
                List.of(encapsulation(0, ByteString.EMPTY)),
                List.of(encapsulation(0, MANY_MEMBERS)),
                List.of(encapsulation(0, right), encapsulation(0, right)));
    }

    private static Encapsulation encapsulation(int peer, ByteString ciphertext) {
        return Encapsulation.newBuilder()
                .setPeer(peer)
                .setCiphertext(ciphertext)
                .build();
    }

    @ParameterizedTest
    @MethodSource("encapsulations")
    void encapsulationsThatAreNoneAreRefused(List<Encapsulation> encapsulations) throws Exception {
        ByteString plan = PlanBytes.of(assignment(peers.roster().hash()));

        out.onNext(CoordinatorMessage.newBuilder()
                .setPlan(SealedPlan.newBuilder().setPlan(plan).addAllEncapsulations(encapsulations))
                .build());

        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.hasRefused(), answer.toString());
        assertNothingBroke();
    }

    @Test
    void aRosterThatIsNoneIsRefused() throws Exception {
        out.onNext(peers.plan(PlanBytes.of(assignment(ContentHash.of(NO_ROSTER)))));

        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.getRefused().getRule().startsWith("plan: the roster is not one"), answer.toString());
        assertNothingBroke();
    }

    static Stream<CohortNotice> cohorts() {
        ByteString all = ByteString.copyFrom(new byte[] {7});
        IncomingShare.Builder share = IncomingShare.newBuilder().setBox(SHORT).setCommitment(SHORT);
        return Stream.of(
                CohortNotice.getDefaultInstance(),
                CohortNotice.newBuilder().setCohort(MANY_MEMBERS).build(),
                CohortNotice.newBuilder().setCohort(all).build(),
                CohortNotice.newBuilder()
                        .setCohort(all)
                        .addShares(share.setFrom(-1))
                        .build(),
                CohortNotice.newBuilder()
                        .setCohort(all)
                        .addShares(share.setFrom(Integer.MAX_VALUE))
                        .build(),
                CohortNotice.newBuilder()
                        .setCohort(all)
                        .addShares(share.setFrom(1))
                        .build(),
                CohortNotice.newBuilder()
                        .setCohort(all)
                        .addShares(share.setFrom(0))
                        .addShares(share.setFrom(0))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("cohorts")
    void aCohortThatIsNoneEndsTheRoundWithARefusal(CohortNotice cohort) throws Exception {
        InvitationAnswer accepted = acceptance();

        out.onNext(CoordinatorMessage.newBuilder()
                .setCohort(CohortNotices.newBuilder()
                        .setPlanHash(accepted.getPlanHash())
                        .setUpdate(cohort)
                        .setEvaluation(cohort))
                .build());

        InvitationAnswer answer = coordinator.statement().getAnswer();
        assertTrue(answer.getRefused().getRule().startsWith("secure-aggregation: "), answer.toString());
        assertEquals(accepted.getPlanHash(), answer.getPlanHash());
        assertTrue(coordinator.submissions.isEmpty(), "nothing is handed in");
        assertNothingBroke();
    }

    static Stream<Arguments> endsTheAttendance() {
        int tooMany = Roster.MAX_MEMBERS + 1;
        CohortNotice shares = CohortNotice.newBuilder()
                .addAllShares(Collections.nCopies(tooMany, IncomingShare.getDefaultInstance()))
                .build();
        CoordinatorMessage welcome = CoordinatorMessage.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setProtocolVersion(ControlSession.PROTOCOL_VERSION)
                        .setFederation("hospital")
                        .setHeartbeatMillis(60_000))
                .build();
        CoordinatorMessage plan = CoordinatorMessage.newBuilder()
                .setPlan(SealedPlan.newBuilder()
                        .addAllEncapsulations(Collections.nCopies(tooMany, Encapsulation.getDefaultInstance())))
                .build();
        CoordinatorMessage shortHash = CoordinatorMessage.newBuilder()
                .setCohort(CohortNotices.newBuilder().setPlanHash(SHORT))
                .build();
        return Stream.of(
                Arguments.of(welcome, "said Welcome twice"),
                Arguments.of(plan, "a list of more members"),
                Arguments.of(cohort(CohortNotices.newBuilder().setUpdate(shares)), "a list of more members"),
                Arguments.of(cohort(CohortNotices.newBuilder().setEvaluation(shares)), "a list of more members"),
                Arguments.of(keys(Collections.nCopies(tooMany, 1)), "a list of more members"),
                Arguments.of(
                        opening(OpeningRequest.newBuilder()
                                .addAllSignatures(Collections.nCopies(tooMany, SurvivorsSigned.getDefaultInstance()))),
                        "a list of more members"),
                Arguments.of(keys(List.of(-1)), "a position that no roster has"),
                Arguments.of(keys(List.of(2, Integer.MIN_VALUE)), "a position that no roster has"),
                Arguments.of(keys(List.of(Integer.MAX_VALUE)), "a position that no roster has"),
                Arguments.of(keys(List.of(Roster.MAX_MEMBERS)), "a position that no roster has"),
                Arguments.of(shortHash, "a hash of 3 bytes"));
    }

    private static CoordinatorMessage keys(List<Integer> peers) {
        return keys(KeyRequest.newBuilder().setRosterHash(UNKNOWN).addAllPeers(peers));
    }

    @ParameterizedTest(name = "[{index}] {1}")
    @MethodSource("endsTheAttendance")
    void whatBreaksTheContractEndsTheAttendanceAndTheNextIsAGoodOne(CoordinatorMessage message, String reason)
            throws Exception {
        out.onNext(message);

        out = coordinator.welcomed("hospital");
        assertNotNull(acceptance());
        assertNothingBroke();
        List<String> reasons = List.copyOf(log.list).stream()
                .filter(event -> event.getKeyValuePairs() != null)
                .flatMap(event -> event.getKeyValuePairs().stream())
                .filter(field -> field.key.equals("reason"))
                .map(field -> String.valueOf(field.value))
                .toList();
        assertEquals(1, reasons.size(), reasons.toString());
        assertTrue(reasons.getFirst().contains(reason), reasons.toString());
    }
}
