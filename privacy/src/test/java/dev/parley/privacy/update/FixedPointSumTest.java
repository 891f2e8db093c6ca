package dev.parley.privacy.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Laws of {@link FixedPointEncoding} and {@link UpdateSum} together: what is added is what comes out. */
class FixedPointSumTest {
    private static final UpdateMasking NO_MASK = new UpdateMasking.None();

    @Property(tries = 200, seed = "20261124")
    void theSumHasTheSameBitsWhateverTheOrder(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int sites,
            @ForAll @IntRange(min = 1, max = 30) int n) {
        Random random = new Random(seed);
        ClipNorm bound = new ClipNorm(Math.exp(random.nextGaussian() * 3));
        FixedPointEncoding encoding = new FixedPointEncoding(bound, sites + random.nextInt(10));
        ParameterLayout layout = layout(n);
        List<MaskedUpdate> updates = new ArrayList<>();
        for (int i = 0; i < sites; i++) {
            updates.add(masked(layout, randomValues(n, random), weight(random), bound, encoding));
        }

        ParameterVector inOrder = sum(layout, encoding, updates).update();
        Collections.shuffle(updates, random);
        ParameterVector shuffled = sum(layout, encoding, updates).update();
        ParameterVector fromBytes = sumOfBytes(layout, encoding, updates).update();

        assertEquals(inOrder, shuffled);
        assertEquals(inOrder, fromBytes);
    }

    @Property(tries = 300, seed = "20261124")
    void theMeanIsWithinTheEncodingsErrorBound(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 50) int sites,
            @ForAll @IntRange(min = 1, max = 20) int n) {
        Random random = new Random(seed);
        ClipNorm bound = new ClipNorm(Math.exp(random.nextGaussian() * 2));
        FixedPointEncoding encoding = new FixedPointEncoding(bound, sites);
        ParameterLayout layout = layout(n);
        UpdateSum sum = new UpdateSum(layout, encoding);
        double[] exact = new double[n];
        double totalWeight = 0;
        for (int s = 0; s < sites; s++) {
            float[] values = withinBound(randomValues(n, random), bound);
            ContributionWeight weight = weight(random);
            sum.add(masked(layout, values, weight, bound, encoding));
            for (int i = 0; i < n; i++) {
                exact[i] += weight.value() * values[i];
            }
            totalWeight += weight.value();
        }

        WeightedMean mean = sum.decode();

        // Half a step for each site in the values and in the weights, and one rounding to float32.
        double weightError = sites * 0.5 / encoding.weightScale();
        for (int i = 0; i < n; i++) {
            double expected = exact[i] / totalWeight;
            double valueError = sites * 0.5 / encoding.scale() / totalWeight;
            double tolerance = valueError + 2 * bound.value() * weightError / totalWeight + Math.ulp((float) expected);
            assertEquals(expected, mean.update().get(i), tolerance, "value " + i + " of " + n + " over " + sites);
        }
        assertEquals(totalWeight, mean.totalWeight(), weightError);
        assertEquals(sites, mean.contributions());
    }

    @Property(tries = 200, seed = "20261124")
    void extremeValuesAtTheBoundNeverWrap(
            @ForAll @IntRange(min = 1, max = 2000) int limit,
            @ForAll @DoubleRange(min = -6, max = 4) double magnitude,
            @ForAll boolean negative) {
        double norm = Math.pow(10, magnitude);
        ClipNorm bound = new ClipNorm(norm);
        FixedPointEncoding encoding = new FixedPointEncoding(bound, limit);
        ParameterLayout layout = layout(1);
        // All of the norm in one value, the greatest weight, and every place of the cohort taken.
        float extreme = (negative ? -1 : 1) * largestFloatAtMost(norm);
        MaskedUpdate update = masked(layout, new float[] {extreme}, new ContributionWeight(1), bound, encoding);
        UpdateSum sum = new UpdateSum(layout, encoding);
        for (int i = 0; i < limit; i++) {
            sum.add(update);
        }

        WeightedMean mean = sum.decode();

        assertEquals(extreme, mean.update().get(0), 0.5 / encoding.scale() + Math.ulp(extreme));
        assertEquals(limit, mean.totalWeight(), 1e-9 * limit);
    }

    @Test
    void theGreatestCohortAtTheBoundDoesNotWrap() {
        ClipNorm bound = new ClipNorm(1000);
        FixedPointEncoding encoding = new FixedPointEncoding(bound, 100_000);
        MaskedUpdate update = masked(layout(1), new float[] {-1000}, new ContributionWeight(1), bound, encoding);
        UpdateSum sum = new UpdateSum(layout(1), encoding);
        for (int i = 0; i < 100_000; i++) {
            sum.add(update);
        }

        assertEquals(-1000, sum.decode().update().get(0), 0.5 / encoding.scale());
    }

    @Test
    void aSumTakesNoMoreUpdatesThanItsEncodingHolds() {
        FixedPointEncoding encoding = new FixedPointEncoding(new ClipNorm(1), 2);
        MaskedUpdate update = masked(layout(1), new float[] {1}, new ContributionWeight(1), new ClipNorm(1), encoding);
        UpdateSum sum = new UpdateSum(layout(1), encoding);
        sum.add(update);
        sum.addBytes(update.toBytes());

        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> sum.add(update));
        assertThrows(IllegalStateException.class, () -> sum.addBytes(update.toBytes()));

        assertEquals("the encoding holds 2 updates; one more could wrap silently", refused.getMessage());
        assertEquals(2, sum.contributions());
        assertEquals(1, sum.decode().update().get(0), 1e-6);
    }

    @Test
    void aBoundThatLeavesNoPrecisionIsRefused() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new FixedPointEncoding(new ClipNorm(1e6), 100_000));

        assertTrue(refused.getMessage().contains("does not fit 32 bits"), refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new FixedPointEncoding(new ClipNorm(1), 0));
        assertThrows(IllegalArgumentException.class, () -> new FixedPointEncoding(new ClipNorm(1), 100_001));
    }

    @Test
    void anUpdateOfALargerBoundThanTheEncodingsIsRefused() {
        NoisedUpdate noised = raw(layout(1), new float[] {1}, new ContributionWeight(1))
                .clip(new ClipNorm(2))
                .noise(new UpdateNoise.None());

        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> noised.mask(new FixedPointEncoding(new ClipNorm(1), 3), NO_MASK));

        assertEquals("the update is bounded by 2.0 but the encoding holds only 1.0", refused.getMessage());
    }

    @Test
    void anUpdateOfAnotherLayoutOrLengthIsRefused() {
        FixedPointEncoding encoding = new FixedPointEncoding(new ClipNorm(1), 3);
        UpdateSum sum = new UpdateSum(layout(2), encoding);
        MaskedUpdate other = masked(layout(1), new float[] {1}, new ContributionWeight(1), new ClipNorm(1), encoding);

        assertThrows(IllegalArgumentException.class, () -> sum.add(other));
        assertThrows(IllegalArgumentException.class, () -> sum.addBytes(new byte[11]));
        assertThrows(IllegalArgumentException.class, () -> sum.addBytes(new byte[16]));

        assertEquals(0, sum.contributions());
        assertThrows(IllegalStateException.class, sum::decode);
    }

    @Test
    void aSumThatNoHonestMembersCouldMakeIsRefused() {
        // Weight below one ring step, weight above 1, and a value of four times the clip norm at a quarter of the
        // weight.
        assertDishonest(0, 0, "a member sent a malformed weight");
        assertDishonest(0, -5, "a member sent a malformed weight");
        assertDishonest(0, Integer.MAX_VALUE, "a member sent a malformed weight");
        FixedPointEncoding encoding = new FixedPointEncoding(new ClipNorm(1), 2);
        assertDishonest((int) encoding.scale(), (int) (encoding.weightScale() / 4), "a member sent a malformed update");
    }

    private static void assertDishonest(int value, int weight, String message) {
        ParameterLayout layout = layout(1);
        FixedPointEncoding encoding = new FixedPointEncoding(new ClipNorm(1), 2);
        UpdateSum sum = new UpdateSum(layout, encoding);
        sum.add(new MaskedUpdate(layout.hash(), new int[] {value, weight}, NO_MASK));

        IllegalStateException refused = assertThrows(IllegalStateException.class, sum::decode);

        assertTrue(refused.getMessage().endsWith(message), refused.getMessage());
    }

    @Test
    void aWeightIsTheShareOfTheCapThatTheExamplesFill() {
        assertEquals(0.25, ContributionWeight.of(25, 100).value());
        assertEquals(1, ContributionWeight.of(1000, 100).value());
        assertThrows(IllegalArgumentException.class, () -> ContributionWeight.of(0, 100));
        assertThrows(IllegalArgumentException.class, () -> new ContributionWeight(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new ContributionWeight(1.0000001));
    }

    private static WeightedMean sum(ParameterLayout layout, FixedPointEncoding encoding, List<MaskedUpdate> updates) {
        UpdateSum sum = new UpdateSum(layout, encoding);
        updates.forEach(sum::add);
        return sum.decode();
    }

    private static WeightedMean sumOfBytes(
            ParameterLayout layout, FixedPointEncoding encoding, List<MaskedUpdate> updates) {
        UpdateSum sum = new UpdateSum(layout, encoding);
        updates.forEach(update -> sum.addBytes(update.toBytes()));
        return sum.decode();
    }

    private static MaskedUpdate masked(
            ParameterLayout layout,
            float[] values,
            ContributionWeight weight,
            ClipNorm bound,
            FixedPointEncoding encoding) {
        return raw(layout, values, weight)
                .clip(bound)
                .noise(new UpdateNoise.None())
                .mask(encoding, NO_MASK);
    }

    private static RawUpdate raw(ParameterLayout layout, float[] values, ContributionWeight weight) {
        return RawUpdate.between(ParameterVector.zeros(layout), ParameterVector.of(layout, values), weight);
    }

    /** Scaled so that clipping has nothing to do: its rounding is not what is tested here. */
    private static float[] withinBound(float[] values, ClipNorm bound) {
        double norm = 0;
        for (float value : values) {
            norm = Math.hypot(norm, value);
        }
        float[] within = values.clone();
        for (int i = 0; i < within.length; i++) {
            within[i] = (float) (within[i] * 0.999 * bound.value() / Math.max(norm, bound.value()));
        }
        return within;
    }

    private static float largestFloatAtMost(double norm) {
        float nearest = (float) norm;
        return nearest <= norm ? nearest : Math.nextDown(nearest);
    }

    private static ContributionWeight weight(Random random) {
        return new ContributionWeight(Math.max(1e-6, random.nextDouble()));
    }

    private static float[] randomValues(int n, Random random) {
        float[] values = new float[n];
        double magnitude = Math.exp(random.nextGaussian() * 3);
        for (int i = 0; i < n; i++) {
            values[i] = (float) (random.nextGaussian() * magnitude);
        }
        return values;
    }

    private static ParameterLayout layout(int n) {
        return ParameterLayout.of(Arrays.asList(Block.of("w", n)));
    }
}
