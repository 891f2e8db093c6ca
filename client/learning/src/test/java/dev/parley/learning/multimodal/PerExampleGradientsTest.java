package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtNDArray;
import dev.parley.learning.multimodal.ClippedSums.OnePass;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * One pass over a batch gives what a loop over its examples gives: the norm of each example's gradient and the clipped
 * sum, block by block, within a relative 2e-6, half of the examples clipped.
 */
class PerExampleGradientsTest {
    private static final long NATIVE_ROOM = 6L << 20;
    private static final double TOLERANCE = 2e-6;
    private static final long SEED = 20261125;

    @Test
    void everyBlockOfTheTransformerWithMissingModalities() {
        for (RecordSchema schema : List.of(TinyRecords.SCHEMA, TinyRecords.THREE_CLASSES)) {
            compare(TinyNetworks.network(schema), TinyRecords.draw(schema, 12, 0.3, SEED));
        }
    }

    @Test
    void theWholeDefaultModel() {
        RecordSchema schema = TinyRecords.SCHEMA;
        BottleneckTransformer s = BottleneckTransformer.Tier.S.architecture();
        Network undropped = new BottleneckTransformer(
                        s.width(),
                        s.heads(),
                        s.feedForward(),
                        s.layers(),
                        s.bottlenecks(),
                        s.textEmbedding(),
                        0,
                        0,
                        0,
                        s.series())
                .network(schema);
        compare(undropped, TinyRecords.draw(schema, 8, 0.3, SEED));
    }

    @Test
    void everyBlockOfTheConvolutionalNetwork() {
        RecordSchema schema = TinyRecords.THREE_CLASSES.restrictedTo(Set.of("scan"));
        compare(new ConvolutionalNetwork(3, 4, 6, 8).network(schema), TinyRecords.draw(schema, 12, 0, SEED));
        compare(new ConvolutionalNetwork(5, 3, 2, 200).network(schema), TinyRecords.draw(schema, 12, 0, SEED));
    }

    @Test
    void everyBlockOfLayeredNetworks() {
        RecordSchema schema = TinyRecords.THREE_CLASSES.restrictedTo(Set.of("scan"));
        List<SiteRecord> records = TinyRecords.draw(schema, 12, 0, SEED);
        compare(new LayeredNetwork(List.of(), List.of(20), LayeredNetwork.Activation.TANH).network(schema), records);
        var convolutions = List.of(
                new LayeredNetwork.Convolution(4, 6, 2, 2, 2),
                new LayeredNetwork.Convolution(5, 3, 1, 0, 1),
                new LayeredNetwork.Convolution(3, 2, 3, 1, 1));
        compare(new LayeredNetwork(convolutions, List.of(7), LayeredNetwork.Activation.RELU).network(schema), records);
    }

    @Test
    void everyBlockOfHandcraftedFeatures() {
        for (RecordSchema schema : List.of(TinyRecords.SCHEMA, TinyRecords.THREE_CLASSES)) {
            Network network = new HandcraftedFeatures(4, Map.of("scan", 3.0, "motion", 2.0), Map.of()).network(schema);
            compare(network, TinyRecords.draw(schema, 12, 0.3, SEED));
        }
    }

    @Test
    void aSubjectsRecordsAreAveragedBeforeTheClip() {
        int[] subjects = {0, 1, 0, 2, 3, 3, 3, 1, 4, 5, 0, 6};
        ExampleUnits units = ExampleUnits.of(subjects, 7);
        Network network = TinyNetworks.network(TinyRecords.SCHEMA);
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 12, 0.3, SEED);
        ParameterVector model = TinyNetworks.moved(network, records, SEED, 0.02);
        double[][] gradients = ClippedSums.means(ClippedSums.oneByOne(network, model, records), units);
        double bound = ClippedSums.medianNorm(gradients);
        OnePass pass = ClippedSums.onePass(network, model, records, units, bound);
        for (int unit = 0; unit < gradients.length; unit++) {
            double norm = ClippedSums.norm(gradients[unit]);
            assertEquals(norm, pass.norms()[unit], TOLERANCE * norm, "seed " + SEED + ", norm of subject " + unit);
        }
        assertEquals(
                List.of(), ClippedSums.differences(network, gradients, bound, pass.sum(), TOLERANCE), "seed " + SEED);
    }

    @Test
    void removingARecordMovesTheClippedSumByAtMostTheBound() {
        Network network = TinyNetworks.network(TinyRecords.SCHEMA);
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 10, 0.3, SEED);
        ParameterVector model = TinyNetworks.moved(network, records, SEED, 0.02);
        double[][] gradients = ClippedSums.oneByOne(network, model, records);
        double bound = ClippedSums.medianNorm(gradients);
        float[] all = clippedSum(network, model, records, bound);
        float[] unclipped = clippedSum(network, model, records, 1e9);
        boolean dropping = false;
        for (int removed = 0; removed < records.size(); removed++) {
            List<SiteRecord> neighbour = new ArrayList<>(records);
            neighbour.remove(removed);
            double moved = distance(all, clippedSum(network, model, neighbour, bound));
            double expected = Math.min(bound, ClippedSums.norm(gradients[removed]));
            assertTrue(
                    moved <= bound * (1 + TOLERANCE),
                    "seed " + SEED + ", record " + removed + ": " + moved + " of " + bound);
            assertEquals(expected, moved, 10 * TOLERANCE * bound, "seed " + SEED + ", record " + removed);
            dropping |= distance(unclipped, clippedSum(network, model, neighbour, 1e9)) > bound * 1.01;
        }
        assertTrue(dropping, "without the clip some record should move the sum by more than the bound");
    }

    @Test
    void aGradientThatIsNotFiniteEntersNoSum() {
        Network network = TinyNetworks.network(TinyRecords.SCHEMA);
        List<SiteRecord> records = new ArrayList<>(TinyRecords.draw(TinyRecords.SCHEMA, 6, 0.3, SEED));
        ParameterVector model = TinyNetworks.moved(network, records, SEED, 0.02);
        double bound = ClippedSums.medianNorm(ClippedSums.oneByOne(network, model, records));
        List<SiteRecord> others = new ArrayList<>(records);
        SiteRecord broken = others.remove(3);
        float[] image = new float[256];
        image[7] = Float.NaN;
        records.set(
                3,
                new SiteRecord(
                        broken.recordId(),
                        broken.subjectId(),
                        broken.siteId(),
                        broken.clock(),
                        Map.of("scan", new ModalityValue.Image(image)),
                        broken.label(),
                        broken.consent(),
                        broken.provenance()));
        OnePass pass = ClippedSums.onePass(network, model, records, ExampleUnits.rows(6), bound);
        assertEquals(0, pass.norms()[3], "what cannot be clipped counts as nothing");
        float[] expected = clippedSum(network, model, others, bound);
        assertTrue(distance(expected, pass.sum()) <= 10 * TOLERANCE * bound, "the other records' sum has changed");
    }

    @Test
    void aBlockWithoutARuleOrReadByAnotherLayerIsRefused() {
        Network network = TinyNetworks.network(TinyRecords.SCHEMA);
        try (TensorArena arena = TensorArena.open(network.layout());
                PerExampleScope scope = arena.perExampleStep(network, ExampleUnits.rows(2))) {
            IllegalStateException raw =
                    assertThrows(IllegalStateException.class, () -> scope.parameter("fusion.head.weight"));
            assertTrue(raw.getMessage().contains("'fusion.head.weight' is read outside of a layer"), raw.getMessage());
            PtNDArray x = scope.constant(1f, 2, 16);
            IllegalStateException other =
                    assertThrows(IllegalStateException.class, () -> scope.linear("scan.convolution1", x));
            assertTrue(
                    other.getMessage().contains("rule CONVOLUTION but read by a layer of the rule LINEAR"),
                    other.getMessage());
            PtNDArray mixed = scope.constant(1f, 3, 16);
            IllegalStateException rows =
                    assertThrows(IllegalStateException.class, () -> scope.linear("fusion.head", mixed));
            assertTrue(rows.getMessage().contains("the step has 2 examples"), rows.getMessage());
        }
    }

    @Test
    void manyStepsLeaveNoArrayBehind() {
        Network network = TinyNetworks.transformer(0.1, 0.3, 0.1).network(TinyRecords.SCHEMA);
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 4, 0.3, SEED);
        ParameterVector model = network.statistics(network.initialise(7), records);
        Network.Prepared prepared = network.prepare(model, records, TinyNetworks.ALL);
        long grown = Long.MAX_VALUE;
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            // As in TensorLeakTest: what the JVM takes and gives back meanwhile comes and goes, a leak grows in each
            // run.
            for (int run = 0; run < 3 && grown >= NATIVE_ROOM; run++) {
                grown = Math.min(grown, nativeGrowth(arena, network, prepared, records));
            }
        }
        assertTrue(grown < NATIVE_ROOM, "native bytes left by each of three runs, at least: " + grown);
    }

    /** The lowest reading in the second half of 400 steps less the lowest in the first, which begins after 100. */
    private static long nativeGrowth(
            TensorArena arena, Network network, Network.Prepared prepared, List<SiteRecord> records) {
        float[] sum = new float[network.layout().size()];
        long[] lowest = {Long.MAX_VALUE, Long.MAX_VALUE};
        for (int step = 0; step < 400; step++) {
            try (PerExampleScope scope = arena.perExampleStep(network, ExampleUnits.rows(4))) {
                PerExampleGradients gradients = scope.gradients(prepared.loss(
                        scope, TinyNetworks.all(records), new SplittableRandom(step), TinyNetworks.PLAIN));
                gradients.addWeightedSum((layer, unit) -> 1, sum);
            }
            assertEquals(0, arena.liveTensors(), "arrays left after step " + step);
            if (step >= 100 && step % 25 == 0) {
                int half = step < 250 ? 0 : 1;
                lowest[half] = Math.min(lowest[half], NativeMemory.bytesInUse());
            }
        }
        return lowest[1] - lowest[0];
    }

    private static float[] clippedSum(Network network, ParameterVector model, List<SiteRecord> records, double bound) {
        return ClippedSums.onePass(network, model, records, ExampleUnits.rows(records.size()), bound)
                .sum();
    }

    private static double distance(float[] one, float[] other) {
        double squares = 0;
        for (int i = 0; i < one.length; i++) {
            squares += ((double) one[i] - other[i]) * ((double) one[i] - other[i]);
        }
        return Math.sqrt(squares);
    }

    private static void compare(Network network, List<SiteRecord> records) {
        ParameterVector model = TinyNetworks.moved(network, records, SEED, 0.02);
        double[][] gradients = ClippedSums.oneByOne(network, model, records);
        double bound = ClippedSums.medianNorm(gradients);
        OnePass pass = ClippedSums.onePass(network, model, records, ExampleUnits.rows(records.size()), bound);
        int clipped = 0;
        for (int i = 0; i < gradients.length; i++) {
            double norm = ClippedSums.norm(gradients[i]);
            assertEquals(norm, pass.norms()[i], TOLERANCE * norm, "seed " + SEED + ", norm of example " + i);
            clipped += norm > bound ? 1 : 0;
        }
        assertEquals(records.size() / 2, clipped, "half of the examples should be clipped");
        double[] expected = ClippedSums.sum(gradients, bound);
        assertEquals(
                List.of(), ClippedSums.differences(network, gradients, bound, pass.sum(), TOLERANCE), "seed " + SEED);
        double whole = ClippedSums.distance(expected, pass.sum(), 0, expected.length);
        assertTrue(whole <= TOLERANCE * ClippedSums.norm(expected), "seed " + SEED + ", the whole sum: " + whole);
        for (Block block : network.layout().blocks()) {
            boolean moved = false;
            for (int i = 0; i < block.size(); i++) {
                moved |= expected[network.layout().offset(block.name()) + i] != 0;
            }
            assertTrue(moved || network.pace(block) == Network.Pace.FROZEN, block + " is not reached by the loss");
        }
        // The comparison can fail: without the clip, or with another one, the sums differ.
        assertFalse(ClippedSums.differences(network, gradients, 1e9, pass.sum(), TOLERANCE)
                .isEmpty());
    }
}
