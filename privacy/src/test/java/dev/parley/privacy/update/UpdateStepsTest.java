package dev.parley.privacy.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What each step of the way from training to the wire promises, one step at a time. */
class UpdateStepsTest {
    private static final ContributionWeight FULL = new ContributionWeight(1);

    @Property(tries = 500, seed = "20261124")
    void aClippedUpdateIsWithinItsBound(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int n) {
        Random random = new Random(seed);
        // Magnitudes from the smallest float32 to the largest, bounds over the whole range of ClipNorm.
        double magnitude = Math.pow(10, random.nextDouble() * 76 - 38);
        ClipNorm bound = new ClipNorm(Math.pow(10, random.nextDouble() * 24 - 12));
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) Math.max(-3e38, Math.min(3e38, random.nextGaussian() * magnitude));
        }
        ParameterLayout layout = layout(n);
        ParameterVector difference = ParameterVector.of(layout, values);
        // An encoding of exactly this bound, one site, full weight: what comes out is what was clipped, but for one
        // rounding to a ring step.
        UpdateEncoding encoding = encoding(n, bound);

        ClippedUpdate clipped = RawUpdate.between(ParameterVector.zeros(layout), difference, FULL)
                .clip(encoding.bound());

        assertEquals(difference.norm() > encoding.bound().value(), clipped.wasClipped());
        double rounding = Math.sqrt(n) / encoding.scale();
        double norm = sumOf(layout, encoding, clipped).norm();
        assertTrue(
                norm <= encoding.bound().value() * (1 + 1e-6) + rounding,
                norm + " against " + encoding.bound().value());
        if (clipped.wasClipped()) {
            assertEquals(encoding.bound().value(), norm, encoding.bound().value() * 1e-5 + rounding);
        }
    }

    @Test
    void anUpdateWithinTheBoundPassesUnchanged() {
        ParameterLayout layout = layout(2);
        UpdateEncoding encoding = encoding(2, new ClipNorm(5));

        ClippedUpdate clipped = RawUpdate.between(vector(layout, 1, 1), vector(layout, 4, 5), FULL)
                .clip(new ClipNorm(5));

        assertFalse(clipped.wasClipped(), "3 and 4 have norm 5");
        ParameterVector update = sumOf(layout, encoding, clipped);
        assertEquals(3, update.get(0), 2 / encoding.scale());
        assertEquals(4, update.get(1), 2 / encoding.scale());
    }

    @Test
    void trainingThatDivergedIsRefusedBeforeAnythingElse() {
        ParameterLayout layout = layout(3);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            NonFiniteUpdateException refused = assertThrows(
                    NonFiniteUpdateException.class,
                    () -> RawUpdate.between(ParameterVector.zeros(layout), vector(layout, 0, bad, 0), FULL));
            assertTrue(refused.getMessage().contains("at value 1"), refused.getMessage());
        }
        // Finite before and after, and yet the difference overflows.
        assertThrows(
                NonFiniteUpdateException.class,
                () -> RawUpdate.between(vector(layout, -3e38f, 0, 0), vector(layout, 3e38f, 0, 0), FULL));
    }

    @Test
    void clipNormsOutsideTheirRangeAreRefused() {
        for (double bad : new double[] {0, -1, 1e-13, 1e13, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new ClipNorm(bad));
        }
    }

    @Test
    void noStepShowsValuesWhenPrinted() {
        ParameterLayout layout = layout(1);
        RawUpdate raw = RawUpdate.between(ParameterVector.zeros(layout), vector(layout, 0.123f), FULL);
        ClippedUpdate clipped = raw.clip(new ClipNorm(1));
        NoisedUpdate noised = clipped.noise(new UpdateNoise.None(), InsecureNoiseSource.replaying(0));
        EncodedUpdate encoded = noised.encode(encoding(1, new ClipNorm(1)), seed(1));
        MaskedUpdate masked = encoded.mask(OneTimeMask.of(seed(2), List.of(new MaskTerm(seed(3), true))));

        for (Object step : List.of(raw, clipped, noised, encoded, masked, vector(layout, 0.123f))) {
            assertFalse(step.toString().contains("123"), step.toString());
        }
    }

    @Test
    void aVectorIsNamedByItsBits() {
        ParameterLayout layout = layout(2);

        assertEquals(vector(layout, 1, 2).hash(), vector(layout, 1, 2).hash());
        assertNotEquals(vector(layout, 1, 2).hash(), vector(layout, 2, 1).hash());
        assertNotEquals(vector(layout, 0f, 0).hash(), vector(layout, -0f, 0).hash());
        assertNotEquals(vector(layout, 0f, 0), vector(layout, -0f, 0));
        assertEquals(vector(layout, Float.NaN, 0), vector(layout, Float.NaN, 0));
        assertNotEquals(
                vector(layout, 1, 2).hash(),
                vector(ParameterLayout.of(List.of(Block.of("a", 1), Block.of("b", 1))), 1, 2)
                        .hash());
    }

    @Test
    void aLayoutHasOneOrderWhateverItWasBuiltFrom() {
        Block a = Block.of("a.weight", 2, 3);
        Block b = Block.of("b.bias", 4);

        ParameterLayout forwards = ParameterLayout.of(List.of(a, b));
        ParameterLayout backwards = ParameterLayout.of(List.of(b, a));

        assertEquals(forwards, backwards);
        assertEquals(forwards.hash(), backwards.hash());
        assertEquals(6, backwards.offset("b.bias"));
        assertEquals(10, backwards.size());
        assertThrows(IllegalArgumentException.class, () -> ParameterLayout.of(List.of(a, a)));
        assertThrows(IllegalArgumentException.class, () -> forwards.offset("c"));
    }

    /** What the coordinator decodes from the sum of this update alone, its mask taken off again. */
    private static ParameterVector sumOf(ParameterLayout layout, UpdateEncoding encoding, ClippedUpdate clipped) {
        MaskedUpdate masked = clipped.noise(new UpdateNoise.None(), InsecureNoiseSource.replaying(0))
                .encode(encoding, seed(1))
                .mask(OneTimeMask.of(seed(2), List.of(new MaskTerm(seed(3), true))));
        RingSum sum = new RingSum(encoding.length(), encoding.modulus());
        sum.add(masked.ring());
        sum.addMasks(List.of(new MaskTerm(seed(2), false), new MaskTerm(seed(3), false)), 1);
        return encoding.decode(sum.centred(), 1, layout).update();
    }

    private static UpdateEncoding encoding(int n, ClipNorm bound) {
        return new UpdateEncoding(n, bound, 1, new RingModulus(32), RotationSeed.ofRound("steps", 1, 0, 0));
    }

    private static SecretSeed seed(int number) {
        byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
        bytes[0] = (byte) number;
        return SecretSeed.copyOf(bytes, SecretAccess.token());
    }

    private static ParameterLayout layout(int n) {
        return ParameterLayout.of(List.of(Block.of("w", n)));
    }

    private static ParameterVector vector(ParameterLayout layout, float... values) {
        return ParameterVector.of(layout, values);
    }
}
