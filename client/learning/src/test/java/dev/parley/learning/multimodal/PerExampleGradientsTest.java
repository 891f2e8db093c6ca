package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.multimodal.ClippedSums.OnePass;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * One pass over a batch gives what a loop over its examples gives: the norm of each example's gradient and the clipped
 * sum, block by block, within a relative 2e-6, half of the examples clipped.
 */
class PerExampleGradientsTest {
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

    private static void compare(Network network, List<SiteRecord> records) {
        ParameterVector model = TinyNetworks.moved(network, records, SEED, 0.02);
        double[][] gradients = ClippedSums.oneByOne(network, model, records);
        double bound = ClippedSums.medianNorm(gradients);
        OnePass pass = ClippedSums.onePass(
                network, model, records, ExampleUnits.rows(records.size()), bound);
        int clipped = 0;
        for (int i = 0; i < gradients.length; i++) {
            double norm = ClippedSums.norm(gradients[i]);
            assertEquals(norm, pass.norms()[i], TOLERANCE * norm, "seed " + SEED + ", norm of example " + i);
            clipped += norm > bound ? 1 : 0;
        }
        assertEquals(records.size() / 2, clipped, "half of the examples should be clipped");
        double[] expected = ClippedSums.sum(gradients, bound);
        assertEquals(
                List.of(),
                ClippedSums.differences(network, gradients, bound, pass.sum(), TOLERANCE),
                "seed " + SEED);
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
