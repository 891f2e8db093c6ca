package dev.parley.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.WeightedMean;
import dev.parley.server.TrainingSite.Conduct;
import dev.parley.server.cluster.ActorFederation;
import dev.parley.server.configuration.CoordinatorConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole federations over loopback TLS: the real coordinator, enrolment, and sites scripted against the contract. */
class FederationRunTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final EvaluationCounts COUNTS = EvaluationCounts.of(
            new float[] {0.9f, 0.1f, 0.2f, 0.8f, 0.6f, 0.4f, 0.3f, 0.7f}, new int[] {0, 1, 1, 1}, 2);
    private static final ParameterVector INITIAL = ParameterVector.zeros(ConfigurationText.LAYOUT);

    @TempDir
    Path folder;

    private CoordinatorConfiguration configuration(String federation) throws Exception {
        return CoordinatorConfiguration.read(ConfigurationText.in(folder).file(federation));
    }

    private TrainingSite enrolled(
            CoordinatorConfiguration configuration, String name, float step, IntFunction<Conduct> conduct)
            throws Exception {
        return TrainingSite.enrolled(configuration, name, SumMember.of("hospital", name), step, COUNTS, conduct);
    }

    private static JsonNode status(CoordinatorConfiguration configuration) throws IOException {
        return new ObjectMapper()
                .readTree(configuration.data().resolve("status.json").toFile());
    }

    @Test
    void goesOnWithoutASiteThatDisappearsAndTakesItBack() throws Exception {
        CoordinatorConfiguration configuration = configuration("""
                name: hospital
                seed: 42
                rounds: 4
                update: {clip-norm: 100, example-cap: 10, secure-aggregation: {bits: 24, colluding: 0}}
                cohort: {quorum: 2, starting: 3}
                times: {invitation: 5 s, collecting: 5 s, recovering: 5 s, evaluating: 5 s}
                """);
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        CountDownLatch westIsBack = new CountDownLatch(1);
        // East waits in round 2 until west has come back, so that west is there when round 3 is planned.
        IntFunction<Conduct> east2 = round -> round != 2 || reached(westIsBack) ? Conduct.HONEST : Conduct.SILENT;
        SumMember membership = SumMember.of("hospital", "west");
        try (Coordinator coordinator = Coordinator.start(
                        configuration,
                        Optional.of(new PrintStream(lines, true, StandardCharsets.UTF_8)),
                        InstantSource.system());
                TrainingSite north = enrolled(configuration, "north", 0.25f, honest());
                TrainingSite east = enrolled(configuration, "east", 0.5f, east2);
                TrainingSite west = TrainingSite.enrolled(
                        configuration,
                        "west",
                        membership,
                        1.5f,
                        COUNTS,
                        round -> round == 1 ? Conduct.SILENT : Conduct.HONEST);
                TrainingSite westAgain =
                        TrainingSite.enrolled(configuration, "west", membership.restarted(), 1.5f, COUNTS, honest())) {
            north.attend("hospital");
            east.attend("hospital");
            west.attend("hospital");

            await().atMost(PATIENCE).until(() -> west.invitedTo().contains(1));
            west.die();
            await().atMost(PATIENCE).until(() -> north.invitedTo().contains(2));
            westAgain.attend("hospital");
            await().atMost(PATIENCE)
                    .until(() -> westAgain.attendance().heardOf(CoordinatorMessage.MessageCase.WELCOME));
            await().atMost(PATIENCE)
                    .until(() -> status(configuration)
                            .path("sites")
                            .findValuesAsText("attached")
                            .equals(List.of("true", "true", "true")));
            westIsBack.countDown();
            ActorFederation.Ending ending = coordinator.awaitEnd();

            north.requireUnbroken();
            east.requireUnbroken();
            westAgain.requireUnbroken();
            assertTrue(ending.completed(), ending.outcome());
            assertEquals(Set.of(0, 1, 2, 3), north.submittedTo());
            assertEquals(Set.of(0), west.submittedTo());
            assertEquals(Set.of(3), westAgain.submittedTo());
            // Rounds 0 and 3 with three sites, 1 and 2 with two; four times rounded at random to 2^-14 or finer.
            float expected = 2 * (0.25f + 0.5f + 1.5f) / 3 + 2 * (0.25f + 0.5f) / 2;
            ParameterVector last = Safetensors.read(coordinator.modelFile(ending.model()));
            for (int i = 0; i < last.size(); i++) {
                assertEquals(expected * (1 + i % 3 / 4f), last.get(i), 1e-3, "parameter " + i);
            }
            await().atMost(PATIENCE).until(() -> north.attendance().end().isDone());
            assertTrue(north.attendance().end().join().isOk());
            assertTrue(north.attendance().heardOf(CoordinatorMessage.MessageCase.ENDED));
        }
        assertStatusTellsTheStory(configuration, lines.toString(StandardCharsets.UTF_8));
    }

    private static void assertStatusTellsTheStory(CoordinatorConfiguration configuration, String lines)
            throws IOException {
        JsonNode last = status(configuration);
        assertEquals("completed", last.path("phase").asText());
        assertTrue(last.path("ended").asBoolean());
        assertEquals("hospital", last.path("federation").asText());
        assertEquals(4, last.path("history").size());
        for (int round = 0; round < 4; round++) {
            JsonNode summary = last.path("history").get(round);
            assertEquals("released", summary.path("outcome").asText());
            assertEquals(
                    round == 0 || round == 3 ? 3 : 2,
                    summary.path("contributions").asInt());
            assertEquals(summary.path("contributions"), summary.path("smallestSum"), "one sum over all of them");
            // Four records a site, one of them wrong: pooled over the two or three sites that are there.
            assertEquals(0.75, summary.path("evaluation").path("accuracy").asDouble(), summary.toString());
            int n = summary.path("evaluation").path("n").asInt();
            assertTrue(n == 8 || n == 12, summary.toString());
        }
        int payload = new RingModulus(24).packedSizeBytes(ConfigurationText.LAYOUT.size());
        assertTrue(
                last.path("bytes").path("up").asLong() > 10L * payload,
                last.path("bytes").toString());
        assertTrue(
                last.path("bytes").path("down").asLong() > 10L * payload,
                last.path("bytes").toString());
        List<String> all = lines.lines().toList();
        assertEquals(last, new ObjectMapper().readTree(all.get(all.size() - 1)));
    }

    @Test
    void releasesTheExactSumOfThoseWhoUploadedWhoeverIsLost() throws Exception {
        CoordinatorConfiguration configuration = configuration("""
                name: hospital
                seed: -5
                rounds: 1
                update: {clip-norm: 100, example-cap: 20, secure-aggregation: {bits: 21, colluding: 1}}
                cohort: {quorum: 4, starting: 6}
                times: {invitation: 20 s, collecting: 20 s, recovering: 20 s, evaluating: 20 s}
                """);
        // Of six, four must confirm and open.
        try (Coordinator coordinator = Coordinator.start(configuration, Optional.empty(), InstantSource.system());
                TrainingSite a = enrolled(configuration, "a", 0.25f, honest());
                TrainingSite b = enrolled(configuration, "b", 0.5f, round -> Conduct.DIES_AFTER_DEALING);
                TrainingSite c = enrolled(configuration, "c", 0.75f, honest());
                TrainingSite d = enrolled(configuration, "d", 1.25f, round -> Conduct.DIES_AFTER_UPLOADING);
                TrainingSite e = enrolled(configuration, "e", -3, round -> Conduct.MALFORMED_AT_FIRST);
                TrainingSite f = enrolled(configuration, "f", 2, honest())) {
            List<TrainingSite> sites = List.of(a, b, c, d, e, f);
            sites.forEach(site -> site.attend("hospital"));

            ActorFederation.Ending ending = coordinator.awaitEnd();

            sites.forEach(TrainingSite::requireUnbroken);
            assertTrue(ending.completed(), ending.outcome());
            assertTrue(b.isDead() && d.isDead(), "the two are lost");
            assertEquals(Set.of(), b.submittedTo());
            assertEquals(0, a.plan().getAttempt(), "one attempt was enough");
            assertEquals(6, a.plan().getCohortCount());
            ParameterVector expected =
                    INITIAL.plus(decoded(a.plan(), List.of(a, c, d, e, f)).update(), 1);
            assertEquals(
                    expected,
                    Safetensors.read(coordinator.modelFile(ending.model())),
                    "the survivors' sum, bit by bit");
            assertNotEquals(
                    expected,
                    INITIAL.plus(decoded(a.plan(), List.of(a, c, e, f)).update(), 1),
                    "each site changes the sum");
        }
        JsonNode summary = status(configuration).path("history").get(0);
        assertEquals(5, summary.path("contributions").asInt());
        assertEquals(16, summary.path("evaluation").path("n").asInt(), "four sites have scored four records each");
    }

    /** The sum of these sites' encodings, decoded: masks of this test's own go on and come off. */
    private static WeightedMean decoded(RoundPlan plan, List<TrainingSite> sites) {
        UpdateEncoding encoding = TrainingSite.encoding(plan, INITIAL.size());
        RingSum sum = new RingSum(encoding.length(), encoding.modulus());
        MaskTerm self = new MaskTerm(SecretSeed.random(new SecureRandom()), true);
        MaskTerm pair = new MaskTerm(SecretSeed.random(new SecureRandom()), true);
        for (TrainingSite site : sites) {
            sum.add(site.encoded(plan, INITIAL)
                    .mask(OneTimeMask.of(self.seed(), List.of(pair)))
                    .ring());
            sum.addMasks(List.of(self.negated(), pair.negated()), 1);
        }
        return encoding.decode(sum.centred(), sites.size(), INITIAL.layout());
    }

    @Test
    void failsWhenTooFewContributeTooOften() throws Exception {
        CoordinatorConfiguration configuration = configuration("""
                name: hospital
                seed: 42
                rounds: 1
                attempts: 2
                cohort: {quorum: 2}
                update: {secure-aggregation: {colluding: 0}}
                times: {invitation: 1 s, collecting: 300 ms}
                """);
        try (Coordinator coordinator = Coordinator.start(configuration, Optional.empty(), InstantSource.system());
                TrainingSite north = enrolled(configuration, "north", 1, honest());
                TrainingSite south = enrolled(configuration, "south", 1, round -> Conduct.SILENT)) {
            north.attend("hospital");
            south.attend("hospital");

            ActorFederation.Ending ending = coordinator.awaitEnd();

            assertFalse(ending.completed());
            assertTrue(ending.outcome().startsWith("failed: "), ending.outcome());
            assertEquals(
                    ContentHash.of(Files.readAllBytes(configuration.model())), ending.model(), "the model must stay");
        }
        assertEquals("failed", status(configuration).path("phase").asText());
        assertEquals(2, status(configuration).path("history").size());
    }

    @Test
    void tellsSitesWhenItStops() throws Exception {
        CoordinatorConfiguration configuration = configuration("name: hospital\nseed: 1\nrounds: 1\n");
        try (Coordinator coordinator = Coordinator.start(configuration, Optional.empty(), InstantSource.system());
                TrainingSite north = enrolled(configuration, "north", 1, honest())) {
            north.attend("hospital");
            await().atMost(PATIENCE).until(() -> north.attendance().heardOf(CoordinatorMessage.MessageCase.WELCOME));

            coordinator.close();

            var end = north.attendance().awaitEnd();
            assertEquals(io.grpc.Status.Code.UNAVAILABLE, end.getCode());
            assertTrue(String.valueOf(end.getDescription()).contains("is stopping"), end.toString());
        }
    }

    private static IntFunction<Conduct> honest() {
        return round -> Conduct.HONEST;
    }

    private static boolean reached(CountDownLatch latch) {
        try {
            return latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
