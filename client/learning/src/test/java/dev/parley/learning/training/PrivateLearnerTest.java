package dev.parley.learning.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.multimodal.BottleneckTransformer;
import dev.parley.learning.multimodal.Network;
import dev.parley.learning.multimodal.PerExampleRules;
import dev.parley.learning.multimodal.TensorArena;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.learning.training.Learner.Trained;
import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.dp.noise.PoissonDraws;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Private training: sampled, clipped, noised, and telling nothing else. */
class PrivateLearnerTest {
    private static final long SEED = 20261125;
    private static final NoiseOrigin FORESEEN = InsecureNoiseSource::replaying;
    private static final RoundPosition ROUND = new RoundPosition(0, 2);

    private static final Map<String, Object> ARCHITECTURE = Map.of(
            "width", 16,
            "heads", 2,
            "feedForward", 24,
            "layers", 2,
            "textEmbedding", 8,
            "dropout", 0.0,
            "modalityDropout", 0.0);

    private static LearningConfiguration configuration(Map<String, Object> privacy) {
        Map<String, Object> section = new HashMap<>(Map.of(
                "clipNorm", 0.5,
                "noiseMultiplier", 1.0,
                "samplingRate", 0.25,
                "expectedBatch", 8,
                "stepsPerRound", 3,
                "delta", 1e-5));
        section.putAll(privacy);
        return LearningConfiguration.of(
                TinyRecords.SCHEMA,
                Map.of(
                        "architecture", ARCHITECTURE,
                        "optimizer", Map.of("type", "sgd", "learningRate", 1.0, "momentum", 0.0),
                        "privacy", section));
    }

    private static DpSgd settings(Map<String, Object> privacy) {
        return (DpSgd) configuration(privacy).privacy();
    }

    private static Trained train(Map<String, Object> privacy, List<SiteRecord> records, long seed) {
        Learner learner = configuration(privacy).learner(FORESEEN);
        ParameterVector model =
                learner.statistics(learner.initialise(1), TinyRecords.draw(TinyRecords.SCHEMA, 20, 0.2, 1));
        return learner.train(model, records, ROUND, seed, StepListener.NONE);
    }

    @Test
    void nothingToldDependsOnTheNumberOfRecords() {
        for (int count : new int[] {0, 3, 32, 60}) {
            Trained trained = train(Map.of(), TinyRecords.draw(TinyRecords.SCHEMA, count, 0.2, SEED), 5);
            assertEquals(32, trained.examples(), "a nominal number for " + count + " records");
            assertEquals(3, trained.steps());
            assertTrue(Double.isNaN(trained.meanLoss()), "no loss is told");
        }
    }

    @Test
    void anEmptyBatchIsAStepOfNoiseAlone() {
        Learner learner = configuration(Map.of()).learner(FORESEEN);
        ParameterVector model = learner.initialise(1);
        Trained trained = learner.train(model, List.of(), new RoundPosition(0, 1_000_000), 5, StepListener.NONE);
        double squares = 0;
        int moved = 0;
        Network network = network();
        for (Block block : PerExampleRules.of(network).blocks()) {
            int from = learner.layout().offset(block.name());
            for (int i = from; i < from + block.size(); i++) {
                double move = trained.model().get(i) - model.get(i);
                squares += move * move;
                moved++;
            }
        }
        // Three steps of deviation noise * bound / batch at learning rates 1 and, for the wide path, 0.05.
        long wide = 64;
        double expected = 3 * Math.pow(1.0 * 0.5 / 8, 2) * (moved - wide + wide * 0.05 * 0.05);
        assertEquals(1, squares / expected, 0.1, "seed 5, " + moved + " values");
    }

    @Test
    void virtualBatchesGiveTheOneBatch() {
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 23, 0.3, SEED);
        double[] whole = sum(settings(Map.of("rowsAtOnce", 64)), records, 0.5);
        for (int rows : new int[] {1, 4, 7}) {
            double[] parts = sum(settings(Map.of("rowsAtOnce", rows)), records, 0.5);
            assertTrue(distance(whole, parts) <= 2e-6 * norm(whole), rows + " rows at once: " + distance(whole, parts));
        }
    }

    @Test
    void removingARecordMovesTheSumOfEveryKindOfClippingByAtMostOne() {
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 8, 0.3, SEED);
        for (Map<String, Object> clipping : List.<Map<String, Object>>of(
                Map.of(), Map.of("clipping", "perlayer"), Map.of("adaptive", Map.of("countNoise", 4.0)))) {
            double[] all = sum(settings(clipping), records, 0.05);
            double largest = 0;
            for (int removed = 0; removed < records.size(); removed++) {
                List<SiteRecord> neighbour = new ArrayList<>(records);
                neighbour.remove(removed);
                largest = Math.max(largest, distance(all, sum(settings(clipping), neighbour, 0.05)));
            }
            assertTrue(largest <= 1, clipping + ": moved by " + largest + " bounds");
            assertTrue(largest > 0.5, clipping + ": a bound that is never reached tests nothing, got " + largest);
        }
    }

    @Test
    void removingASubjectMovesTheSumByAtMostOne() {
        DpSgd privacy = settings(Map.of("unit", "subject", "recordsPerSubject", 2, "rowsAtOnce", 5));
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 12, 0.3, SEED);
        double[] all = sum(privacy, records, 0.05);
        for (String subject : Set.of("s0", "s3", "s5")) {
            List<SiteRecord> neighbour = new ArrayList<>(records);
            neighbour.removeIf(record -> record.subjectId().equals(subject));
            double moved = distance(all, sum(privacy, neighbour, 0.05));
            assertTrue(moved <= 1, subject + " moved the sum by " + moved + " bounds");
        }
        double perRecord =
                distance(sum(settings(Map.of()), records, 0.05), sum(settings(Map.of()), records.subList(2, 12), 0.05));
        assertTrue(perRecord > 1, "two records clipped one by one should move the sum further, got " + perRecord);
    }

    @Test
    void aSubjectBringsAtMostSoManyRecords() {
        DpSgd privacy = settings(Map.of("unit", "subject", "recordsPerSubject", 3));
        List<SiteRecord> records = new ArrayList<>(TinyRecords.draw(TinyRecords.SCHEMA, 20, 0.3, SEED));
        records.replaceAll(r -> new SiteRecord(
                r.recordId(),
                r.recordId().equals("r7") ? "other" : "one",
                r.siteId(),
                r.clock(),
                r.values(),
                r.label(),
                r.consent(),
                r.provenance()));
        PrivacyUnits units = PrivacyUnits.of(records, privacy);
        assertEquals(2, units.count());
        var draws = new PoissonDraws(InsecureNoiseSource.replaying(SEED));
        Set<Integer> seen = new HashSet<>();
        for (int step = 0; step < 200; step++) {
            int[] rows = units.drawn(0, draws);
            assertEquals(3, rows.length);
            Arrays.stream(rows).forEach(seen::add);
        }
        assertEquals(19, seen.size(), "every record of the subject gets its turn, and nobody else's");
        assertEquals(List.of(7), Arrays.stream(units.drawn(1, draws)).boxed().toList());
    }

    @Test
    void theBoundFollowsTheQuantile() {
        DpSgd privacy = settings(
                Map.of("expectedBatch", 400, "adaptive", Map.of("quantile", 0.5, "pace", 0.5, "countNoise", 20.0)));
        StepNoise noise = StepNoise.of(
                privacy, PerExampleRules.of(network()), network().layout(), InsecureNoiseSource.replaying(SEED));
        // 400 units whose norms are 1 to 400: the median is 200.
        double bound = 3;
        for (int step = 0; step < 60; step++) {
            bound = noise.next(bound, (int) Math.min(400, bound), 400);
        }
        assertEquals(200, bound, 40, "seed " + SEED);
        assertTrue(privacy.gradientNoise().value() > privacy.noise().value(), "the count is paid from the same noise");
        assertEquals(
                1 / (privacy.noise().value() * privacy.noise().value()),
                1 / Math.pow(privacy.gradientNoise().value(), 2) + 1 / (40.0 * 40.0),
                1e-12);
    }

    @Test
    void theForeseenOriginRepeatsAndTheSecureOneDoesNot() {
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 20, 0.2, SEED);
        assertEquals(
                train(Map.of(), records, 5).model().hash(),
                train(Map.of(), records, 5).model().hash());
        assertNotEquals(
                train(Map.of(), records, 5).model().hash(),
                train(Map.of(), records, 6).model().hash());
        ParameterVector model = configuration(Map.of()).learner().initialise(1);
        Learner one = configuration(Map.of()).learner();
        Trained first = one.train(model, records, ROUND, 5, StepListener.NONE);
        assertEquals(
                first.model().hash(),
                one.train(model, records, ROUND, 5, StepListener.NONE).model().hash(),
                "a round that is repeated is released once");
        assertNotEquals(
                first.model().hash(),
                configuration(Map.of())
                        .learner()
                        .train(model, records, ROUND, 5, StepListener.NONE)
                        .model()
                        .hash(),
                "the public seed must not decide the noise");
    }

    @Test
    void statisticsAreNeitherTrainedNorNoised() {
        Learner learner = configuration(Map.of()).learner(FORESEEN);
        ParameterVector model =
                learner.statistics(learner.initialise(1), TinyRecords.draw(TinyRecords.SCHEMA, 20, 0.2, 1));
        ParameterVector trained = learner.train(
                        model, TinyRecords.draw(TinyRecords.SCHEMA, 20, 0.2, 2), ROUND, 5, StepListener.NONE)
                .model();
        Set<Block> moved = new HashSet<>(PerExampleRules.of(network()).blocks());
        int frozen = 0;
        for (Block block : learner.layout().blocks()) {
            if (!moved.contains(block)) {
                int at = learner.layout().offset(block.name());
                assertEquals(model.get(at), trained.get(at), block + " moved");
                frozen++;
            }
        }
        assertTrue(frozen > 0, "the model should have statistics");
    }

    private static Network network() {
        return ((BottleneckTransformer) configuration(Map.of()).architecture()).network(TinyRecords.SCHEMA);
    }

    /** The clipped sum of all records in units of the bound, without noise. */
    private static double[] sum(DpSgd privacy, List<SiteRecord> records, double bound) {
        Network network = network();
        float[] moved = network.initialise(3).toArray();
        var random = new SplittableRandom(3);
        for (Block block : PerExampleRules.of(network).blocks()) {
            int from = network.layout().offset(block.name());
            for (int i = from; i < from + block.size(); i++) {
                moved[i] += (float) (0.02 * random.nextGaussian());
            }
        }
        ParameterVector model = network.statistics(
                ParameterVector.of(network.layout(), moved), TinyRecords.draw(TinyRecords.SCHEMA, 20, 0.2, 1));
        PrivacyUnits units = PrivacyUnits.of(records, privacy);
        var draws = new PoissonDraws(InsecureNoiseSource.replaying(SEED));
        List<int[]> batch = new ArrayList<>();
        for (int unit = 0; unit < units.count(); unit++) {
            batch.add(units.drawn(unit, draws));
        }
        var sum = new ClippedSum(
                network,
                network.prepare(model, records, Set.copyOf(TinyRecords.SCHEMA.modalityNames())),
                configuration(Map.of()).objective(),
                privacy,
                PerExampleRules.of(network).layers().size());
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            sum.sum(arena, batch, bound, new SplittableRandom(1));
        }
        return sum.total().clone();
    }

    private static double norm(double[] vector) {
        return distance(vector, new double[vector.length]);
    }

    private static double distance(double[] one, double[] other) {
        double squares = 0;
        for (int i = 0; i < one.length; i++) {
            squares += (one[i] - other[i]) * (one[i] - other[i]);
        }
        return Math.sqrt(squares);
    }
}
