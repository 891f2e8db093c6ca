package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtNDArray;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.ParameterVector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static final long SEED = 41;
    private final Network network = TinyNetworks.network(TinyRecords.SCHEMA);
    private final List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 6, 0, SEED);
    private final ParameterVector model = TinyNetworks.moved(network, records, SEED);

    private float loss(Augmentation augmentation, long seed) {
        return TinyNetworks.loss(network, model, records, new Objective(0, 0.3, augmentation), seed);
    }

    @Test
    void eachKindChangesWhatTheModelSees() {
        Map<String, Augmentation> kinds = new LinkedHashMap<>();
        kinds.put("image shift", new Augmentation(3, 0, 0, 0, 0, 0, false, 0));
        kinds.put("image contrast", new Augmentation(0, 0.3, 0, 0, 0, 0, false, 0));
        kinds.put("image noise", new Augmentation(0, 0, 0.3, 0, 0, 0, false, 0));
        kinds.put("token replacement", new Augmentation(0, 0, 0, 0.5, 0, 0, false, 0));
        kinds.put("series scale", new Augmentation(0, 0, 0, 0, 0.2, 0, false, 0));
        kinds.put("series noise", new Augmentation(0, 0, 0, 0, 0, 0.3, false, 0));
        kinds.put("axis turns", new Augmentation(0, 0, 0, 0, 0, 0, true, 0));
        kinds.put("series shift", new Augmentation(0, 0, 0, 0, 0, 0, false, 4));
        float plain = loss(Augmentation.NONE, 1);
        kinds.forEach((name, augmentation) -> {
            assertTrue(Math.abs(plain - loss(augmentation, 1)) > 1e-5, name + " changes nothing");
            assertNotEquals(loss(augmentation, 1), loss(augmentation, 2), name + " does not depend on the seed");
            assertEquals(loss(augmentation, 1), loss(augmentation, 1), name + " is not decided by the seed");
        });
    }

    @Test
    void whatWasNotObservedStaysUnobserved() {
        // The window was there, but every channel was silent: there is nothing to scale, turn or blur.
        var silent = new ModalityValue.Series(new float[4 * 16], new boolean[4 * 16]);
        SiteRecord r = records.getFirst();
        SiteRecord record = new SiteRecord(
                r.recordId(),
                r.subjectId(),
                r.siteId(),
                r.clock(),
                Map.of("motion", silent),
                r.label(),
                r.consent(),
                r.provenance());
        var augmented = new Objective(0, 0.3, new Augmentation(0, 0, 0, 0, 0.5, 0.5, true, 0));
        var plain = new Objective(0, 0.3, Augmentation.NONE);
        assertEquals(
                TinyNetworks.loss(network, model, List.of(record), plain, 1),
                TinyNetworks.loss(network, model, List.of(record), augmented, 1));
    }

    @Test
    void withoutAugmentationAndDropoutNothingIsRandom() {
        assertEquals(loss(Augmentation.NONE, 1), loss(Augmentation.NONE, 2));
    }

    @Test
    void theConvolutionalNetworkSeesTheSameChanges() {
        var schema = TinyRecords.THREE_CLASSES.restrictedTo(java.util.Set.of("scan"));
        Network images = new ConvolutionalNetwork(3, 4, 6, 8).network(schema);
        List<SiteRecord> scans = TinyRecords.draw(schema, 6, 0, SEED);
        ParameterVector start = images.initialise(SEED);
        float plain = TinyNetworks.loss(images, start, scans, new Objective(0, 0, Augmentation.NONE), 1);
        var shifted = new Objective(0, 0, new Augmentation(3, 0, 0, 0, 0, 0, false, 0));
        assertEquals(plain, TinyNetworks.loss(images, start, scans, new Objective(0, 0, Augmentation.NONE), 2));
        assertNotEquals(plain, TinyNetworks.loss(images, start, scans, shifted, 1));
    }

    @Test
    void noiseHasTheDeviationAsked() {
        var noise = new FastNoise(0.25, new SplittableRandom(SEED));
        double sum = 0;
        double squares = 0;
        int draws = 100_000;
        for (int i = 0; i < draws; i++) {
            double value = noise.next();
            sum += value;
            squares += value * value;
        }
        // Five standard errors: 0.25 / sqrt(1e5) of the mean, about 0.25 / sqrt(2e5) of the deviation.
        assertEquals(0, sum / draws, 5 * 0.25 / Math.sqrt(draws), "seed " + SEED);
        assertEquals(0.25, Math.sqrt(squares / draws), 5 * 0.25 / Math.sqrt(2.0 * draws), "seed " + SEED);
        assertEquals(0f, new FastNoise(0, new SplittableRandom(SEED)).next());
    }

    @Test
    void dropoutKeepsTheMeanAndDropsItsShare() {
        int size = 100_000;
        try (TensorArena arena = TensorArena.open(network.layout());
                StepScope scope = arena.predictionStep()) {
            PtNDArray ones = scope.constant(1, size);
            float[] dropped = StepScope.values(scope.dropout(ones, 0.25, new SplittableRandom(SEED)));
            int zeros = 0;
            double sum = 0;
            for (float value : dropped) {
                zeros += value == 0 ? 1 : 0;
                sum += value;
            }
            assertEquals(0.25, (double) zeros / size, 5 * Math.sqrt(0.25 * 0.75 / size), "seed " + SEED);
            assertEquals(1, sum / size, 5 * Math.sqrt(0.25 / 0.75 / size), "seed " + SEED);
            assertEquals(ones, scope.dropout(ones, 0, new SplittableRandom(SEED)));
            assertEquals(ones, scope.dropout(ones, 0.25, null));
        }
    }
}
