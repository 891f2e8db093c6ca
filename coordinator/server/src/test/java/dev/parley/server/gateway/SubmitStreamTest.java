package dev.parley.server.gateway;

import static dev.parley.server.gateway.GatewayFixture.assertRefused;
import static io.grpc.Status.Code.ABORTED;
import static io.grpc.Status.Code.DATA_LOSS;
import static io.grpc.Status.Code.DEADLINE_EXCEEDED;
import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.OUT_OF_RANGE;
import static io.grpc.Status.Code.PERMISSION_DENIED;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmissionStatusResponse;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.RoundPlan;
import dev.parley.server.cluster.Admission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmitStreamTest {
    private static final int CHUNK = GatewayLimits.CHUNK_BYTES;
    private static final int SIZE = 3 * CHUNK + 1234;
    private static final String ID = "hospital/4/1/north";
    private static final RoundPlan PLAN = Plans.plan(4, 1);

    @TempDir
    Path folder;

    private RecordingFederation federation;
    private GatewayFixture gateway;
    private ScriptedAgent north;
    private byte[] payload;
    private ContentHash content;

    @BeforeEach
    void start() throws Exception {
        federation = new RecordingFederation();
        federation.admission = offer -> {
            if (!federation.submitted.isEmpty() && offer.content().equals(content)) {
                return new Admission.Counted();
            }
            return offer.totalBytes() == SIZE || offer.totalBytes() == 0
                    ? new Admission.Open(PLAN)
                    : new Admission.WrongSize(SIZE);
        };
        GatewayLimits standard = GatewayLimits.defaults();
        gateway = new GatewayFixture(
                folder,
                federation,
                new GatewayLimits(
                        standard.maxMessageBytes(),
                        standard.maxHeaderBytes(),
                        standard.maxCallsPerConnection(),
                        standard.maxSites(),
                        standard.heartbeat(),
                        Duration.ofSeconds(1),
                        standard.leastKeepAlive(),
                        standard.enrolmentFailuresPerMinute()));
        north = gateway.agent("north");
        payload = new byte[SIZE];
        new Random(5).nextBytes(payload);
        content = ContentHash.of(payload);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private SubmissionHeader.Builder header() {
        return SubmissionHeader.newBuilder()
                .setSubmissionId(ID)
                .setFederation("hospital")
                .setRound(4)
                .setAttempt(1)
                .setPlanHash(ByteString.copyFrom(PLAN.hash().bytes()))
                .setContentHash(ByteString.copyFrom(content.bytes()))
                .setTotal(SIZE);
    }

    private ScriptedAgent.Upload begun() {
        return north.upload().header(header().build());
    }

    private void assertHandedIn() throws Exception {
        assertEquals(1, federation.submitted.size());
        assertArrayEquals(payload, Files.readAllBytes(federation.submitted.get(0)));
    }

    @Test
    void handsInWhatArrived() throws Exception {
        assertTrue(begun().chunks(payload, 0).await().getComplete());

        assertHandedIn();
    }

    @Test
    void goesOnAfterACut() throws Exception {
        begun().chunk(payload, 0, CHUNK).chunk(payload, CHUNK, CHUNK + 77);
        await().until(() -> gateway.spool.received(ID, content) == CHUNK + 77);
        north.cut();

        north = gateway.agent("north");
        SubmissionStatusResponse status = north.submissionStatus(ID, content);
        assertEquals(CHUNK + 77, status.getReceived());
        assertFalse(status.getComplete());
        assertTrue(begun().chunks(payload, CHUNK + 77).await().getComplete());
        assertHandedIn();
        assertTrue(north.submissionStatus(ID, content).getComplete());
    }

    @Test
    void answersACompleteRepetitionLikeTheFirst() throws Exception {
        begun().chunks(payload, 0).await();

        assertTrue(begun().chunks(payload, 0).await().getComplete());
        assertHandedIn();
    }

    @Test
    void saysHowFarAnUploadCameThatEndsEarly() {
        assertEquals(CHUNK, begun().chunk(payload, 0, CHUNK).end().getReceived());
        assertTrue(federation.submitted.isEmpty());
    }

    @Test
    void refusesBytesOfAnotherHashAndForgetsThem() throws Exception {
        byte[] damaged = payload.clone();
        damaged[CHUNK] ^= 1;

        assertRefused(
                DATA_LOSS, "from offset 0", () -> begun().chunks(damaged, 0).await());

        assertEquals(0, north.submissionStatus(ID, content).getReceived());
        assertTrue(begun().chunks(payload, 0).await().getComplete());
        assertHandedIn();
    }

    @Test
    void refusesOtherSizesThanTheRoundNeeds() {
        assertRefused(
                INVALID_ARGUMENT,
                SIZE + " bytes",
                () -> north.upload().header(header().setTotal(SIZE + 4).build()).await());
        assertRefused(
                INVALID_ARGUMENT,
                "at least one byte",
                () -> north.upload().header(header().setTotal(-1).build()).await());
        assertRefused(
                INVALID_ARGUMENT,
                "at most 262144 bytes",
                () -> begun().chunk(payload, 0, CHUNK + 1).await());
        byte[] longer = new byte[SIZE + CHUNK];
        assertRefused(
                INVALID_ARGUMENT,
                "was announced with " + SIZE,
                () -> begun().chunk(longer, 0, CHUNK)
                        .chunk(longer, CHUNK, 2 * CHUNK)
                        .chunk(longer, 2 * CHUNK, 3 * CHUNK)
                        .chunk(longer, 3 * CHUNK, 4 * CHUNK)
                        .await());
        assertEquals(3L * CHUNK, gateway.spool.received(ID, content));
    }

    @Test
    void forgetsWhatIsNoUpdateOfTheRound() throws Exception {
        federation.judgement = new Admission.Malformed("the last byte has 4 zero bits");
        assertRefused(
                INVALID_ARGUMENT,
                "4 zero bits",
                () -> begun().chunks(payload, 0).await());
        assertEquals(0, gateway.spool.received(ID, content));

        federation.judgement = new Admission.Counted();
        assertTrue(begun().chunks(payload, 0).await().getComplete());
        assertHandedIn();
    }

    @Test
    void refusesAChunkThatDoesNotJoin() {
        assertRefused(
                OUT_OF_RANGE,
                "expected 100",
                () -> begun().chunk(payload, 0, 100).chunk(payload, 101, 200).await());
        assertRefused(
                OUT_OF_RANGE,
                "expected 100",
                () -> begun().chunk(payload, 0, 100).await());
    }

    @Test
    void refusesASiteOutsideTheCohortAndAClosedRound() {
        federation.admission = offer -> new Admission.NotMember("site north is not in the cohort of round 4");
        assertRefused(PERMISSION_DENIED, "not in the cohort", () -> begun().await());
        federation.admission = offer -> new Admission.NotOpen("round 4 is over");
        assertRefused(FAILED_PRECONDITION, "round 4 is over", () -> begun().await());
    }

    @Test
    void refusesAnotherSitesSubmission() {
        ScriptedAgent south = gateway.agent("south");

        assertRefused(
                PERMISSION_DENIED,
                "the submission id of this site",
                () -> south.upload().header(header().build()).await());
        assertRefused(PERMISSION_DENIED, "the submission id of this site", () -> south.submissionStatus(ID, content));
    }

    @Test
    void refusesAnIdThatDoesNotSayTheSameAsTheHeader() {
        for (String id : new String[] {"hospital/5/1/north", "plant/4/1/north", "hospital/04/1/north", "", "north"}) {
            assertRefused(
                    id.endsWith("/north") ? INVALID_ARGUMENT : PERMISSION_DENIED,
                    "is hospital/4/1/north",
                    () -> north.upload()
                            .header(header().setSubmissionId(id).build())
                            .await());
        }
    }

    @Test
    void refusesAnAnswerToAnotherPlan() {
        assertRefused(
                FAILED_PRECONDITION,
                "a plan other than the current one",
                () -> north.upload()
                        .header(header().setPlanHash(ByteString.copyFrom(
                                        Plans.plan(4, 2).hash().bytes()))
                                .build())
                        .await());
    }

    @Test
    void refusesMessagesOutOfOrder() {
        assertRefused(
                INVALID_ARGUMENT,
                "is the header",
                () -> north.upload().chunk(payload, 0, 10).await());
        assertRefused(
                INVALID_ARGUMENT,
                "sent once",
                () -> begun().header(header().build()).await());
        assertRefused(
                INVALID_ARGUMENT, "before its header", () -> north.upload().end());
    }

    @Test
    void aLaterUploadOfTheSameSubmissionTakesOver() throws Exception {
        ScriptedAgent.Upload first = begun().chunk(payload, 0, CHUNK);
        await().until(() -> gateway.spool.received(ID, content) == CHUNK);
        ScriptedAgent.Upload second = begun().chunk(payload, CHUNK, CHUNK + 1);
        await().until(() -> gateway.spool.received(ID, content) == CHUNK + 1);

        assertRefused(
                ABORTED,
                "has taken over",
                () -> first.chunk(payload, CHUNK, CHUNK + 1).await());
        assertTrue(second.chunks(payload, CHUNK + 1).await().getComplete());
        assertHandedIn();
    }

    @Test
    void givesUpOnAnUploadThatStalls() {
        assertRefused(
                DEADLINE_EXCEEDED,
                "go on from there",
                () -> begun().chunk(payload, 0, CHUNK).await());
        assertEquals(CHUNK, gateway.spool.received(ID, content));
    }
}
