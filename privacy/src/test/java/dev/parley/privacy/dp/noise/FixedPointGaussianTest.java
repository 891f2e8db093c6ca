package dev.parley.privacy.dp.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.parley.privacy.secagg.DeterministicRandom;
import java.lang.management.ManagementFactory;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The grid, what may be accounted, and that only the noised integer is ever looked at. */
class FixedPointGaussianTest {
    private static final long SEED = 20261125;

    @ParameterizedTest
    @ValueSource(doubles = {1e-12, 0.3, 1, 1.1, 1e12})
    void noiseHasItsStandardDeviation(double deviation) {
        int n = 1_000_000;
        FixedPointGaussian noise = FixedPointGaussian.of(deviation, n, InsecureNoiseSource.replaying(SEED));
        float[] vector = new float[n];

        noise.addTo(vector, 0, n);

        double sum = 0;
        double squares = 0;
        for (float value : vector) {
            sum += value;
            squares += (double) value * value;
        }
        assertEquals(0, sum / n / deviation, 6 / Math.sqrt(n), "mean, seed " + SEED);
        assertEquals(1, squares / n / deviation / deviation, 6 * Math.sqrt(2.0 / n), "variance, seed " + SEED);
    }

    /** Recomputed: the nearest point of the grid, plus the noise of the same source, as a float. */
    @Test
    void valuesAreRoundedBeforeTheNoiseAndOnlyTheIntegerIsReadAfterwards() {
        int n = 5000;
        FixedPointGaussian noise = FixedPointGaussian.of(0.7, n, InsecureNoiseSource.replaying(SEED));
        double step = noise.gridStep();
        int[] drawn = new int[n];
        TableSampler.of(NoiseLaw.DiscreteGaussian.ofSigma(0.7 / step))
                .fill(drawn, 0, n, InsecureNoiseSource.replaying(SEED));
        float[] vector = random(n, 10);
        float[] expected = new float[n];
        for (int i = 0; i < n; i++) {
            expected[i] = (float) ((Math.rint(vector[i] / step) + drawn[i]) * step);
        }

        noise.addTo(vector, 0, n);

        assertArrayEquals(expected, vector);
    }

    /** What rounds to one point gives one result: nothing of the value passes by the integer. */
    @Test
    void valuesOfOneGridPointCannotBeToldApart() {
        int n = 3000;
        double step =
                FixedPointGaussian.of(1, n, InsecureNoiseSource.replaying(1)).gridStep();
        float[] onGrid = new float[n];
        float[] beside = new float[n];
        for (int i = 0; i < n; i++) {
            onGrid[i] = (float) ((i - n / 2) * step);
            beside[i] = (float) ((i - n / 2 + (i % 3 - 1) * 0.49) * step);
        }

        FixedPointGaussian.of(1, n, InsecureNoiseSource.replaying(SEED)).addTo(onGrid, 0, n);
        FixedPointGaussian.of(1, n, InsecureNoiseSource.replaying(SEED)).addTo(beside, 0, n);

        assertArrayEquals(onGrid, beside);
    }

    @Property(tries = 40)
    void roundedNeighboursKeepTheRoundedSensitivity(
            @ForAll @DoubleRange(min = 0.01, max = 100) double deviation,
            @ForAll @DoubleRange(min = 0.01, max = 10) double sensitivity,
            @ForAll @IntRange(min = 1, max = 2000) int n,
            @ForAll long seed) {
        FixedPointGaussian noise = FixedPointGaussian.of(deviation, n, InsecureNoiseSource.replaying(1));
        Random random = new Random(seed);
        double[] difference = random.doubles(n, -1, 1).toArray();
        double norm = 0;
        for (double each : difference) {
            norm += each * each;
        }
        double rounded = 0;
        for (double each : difference) {
            double one = random.nextGaussian();
            double other = one + each / Math.sqrt(norm) * sensitivity;
            double apart = Math.rint(one / noise.gridStep()) - Math.rint(other / noise.gridStep());
            rounded += apart * apart;
        }

        double bound = noise.sensitivity(sensitivity);

        assertTrue(Math.sqrt(rounded) * noise.gridStep() <= bound, Math.sqrt(rounded) + " steps, bound " + bound);
        assertTrue(bound <= sensitivity + deviation * (0x1p-12 + 1e-9), "the grid costs " + (bound - sensitivity));
    }

    /** Each coordinate by half a step, all the same way: the worst case is reached but for the step itself. */
    @Test
    void aSensitivityWithoutTheGridsShareWouldBeExceeded() {
        int n = 10_000;
        FixedPointGaussian noise = FixedPointGaussian.of(1, n, InsecureNoiseSource.replaying(1));
        double apartBefore = noise.gridStep() * 0.02 * Math.sqrt(n);
        double apartAfter = noise.gridStep() * (Math.rint(0.51) - Math.rint(0.49)) * Math.sqrt(n);

        assertTrue(apartAfter > 10 * apartBefore);
        assertTrue(apartAfter <= noise.sensitivity(apartBefore));
    }

    /** Sums of clipped floats in two orders, the second with one summand more. */
    @Test
    void floatSumsStayWithinTheirSensitivity() {
        int n = 500;
        int summands = 400;
        FixedPointGaussian noise = FixedPointGaussian.of(1, n, InsecureNoiseSource.replaying(1));
        float[][] parts = new float[summands][];
        for (int i = 0; i < summands; i++) {
            parts[i] = unit(n, SEED + i);
        }
        float[] one = new float[n];
        float[] other = new float[n];
        for (int i = 0; i < summands; i++) {
            for (int j = 0; j < n; j++) {
                one[j] += parts[i][j];
                other[j] += i == summands - 1 ? 0 : parts[summands - 1 - i][j];
            }
        }
        double squares = 0;
        for (int j = 0; j < n; j++) {
            squares += Math.pow((double) one[j] - other[j], 2);
        }

        double bound = noise.sensitivity(1, summands);

        assertTrue(Math.sqrt(squares) <= bound, Math.sqrt(squares) + " against " + bound);
        assertTrue(bound < 1.03, () -> "bound " + bound);
    }

    @Test
    void theMultiplierIsBelowTheNominalOneAndByLittle() {
        FixedPointGaussian noise = FixedPointGaussian.of(1.1, 481_154, InsecureNoiseSource.replaying(1));

        double multiplier = noise.multiplier(noise.sensitivity(1)).value();

        assertTrue(multiplier < 1.1 && multiplier > 1.0995, () -> "multiplier " + multiplier);
        assertTrue(noise.statisticalDistancePerUse().value() < 0x1p-90);
    }

    /**
     * What is promised of {@link FixedPointGaussian#multiplier}, on one coordinate, by sums in double: the privacy profile of the
     * discrete Gaussian, {@code delta(epsilon)} between it and itself moved, is nowhere above that of the continuous one
     * of variance sigma^2 - s^2. With the full sigma^2 it would be, and the sum can tell.
     */
    @Test
    void theDiscreteProfileIsBelowTheAccountedOne() {
        double sigma = 30;
        double[] masses = LawFit.masses(NoiseLaw.DiscreteGaussian.ofSigma(sigma));
        double accounted = Math.sqrt(sigma * sigma - 2.5 * 2.5);
        boolean fullWouldDo = true;
        for (int shift : new int[] {1, 10, 30, 60}) {
            for (double epsilon = 0; epsilon <= 6; epsilon += 0.25) {
                double discrete = 0;
                for (int x = 1 - masses.length; x < masses.length; x++) {
                    double moved = Math.abs(x - shift) < masses.length ? masses[Math.abs(x - shift)] : 0;
                    discrete += Math.max(0, moved - Math.exp(epsilon) * masses[Math.abs(x)]);
                }
                double continuous = gaussianDelta(shift / accounted, epsilon);
                assertTrue(
                        discrete <= continuous + 1e-12,
                        "shift " + shift + ", epsilon " + epsilon + ": " + discrete + " above " + continuous);
                fullWouldDo &= discrete <= gaussianDelta(shift / sigma, epsilon) * (1 - 1e-3) + 1e-12;
            }
        }
        assertTrue(!fullWouldDo, "the comparison tells nothing");
    }

    /** Balle and Wang 2018, theorem 8. */
    private static double gaussianDelta(double mu, double epsilon) {
        return normal(mu / 2 - epsilon / mu) - Math.exp(epsilon) * normal(-mu / 2 - epsilon / mu);
    }

    /** The normal distribution function, by Simpson's rule from 12 deviations below. */
    private static double normal(double x) {
        int intervals = 20_000;
        double width = (x + 12) / intervals;
        double sum = 0;
        for (int i = 0; i <= intervals; i++) {
            double at = -12 + i * width;
            double weight = i == 0 || i == intervals ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.exp(-at * at / 2);
        }
        return sum * width / 3 / Math.sqrt(2 * Math.PI);
    }

    @Test
    void howAVectorIsCutDoesNotMatter() {
        int n = 10_000;
        float[] whole = random(n, 3);
        float[] cut = whole.clone();
        FixedPointGaussian.of(2, n, InsecureNoiseSource.replaying(4)).addTo(whole, 0, n);
        FixedPointGaussian pieces = FixedPointGaussian.of(2, n, InsecureNoiseSource.replaying(4));

        pieces.addTo(cut, 0, 1);
        pieces.addTo(cut, 1, 2500);
        pieces.addTo(cut, 2500, n);

        assertArrayEquals(whole, cut);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void whatIsNotFiniteIsRefusedAndNothingIsChanged(float bad) {
        FixedPointGaussian noise = FixedPointGaussian.of(1, 5000, InsecureNoiseSource.replaying(1));
        float[] vector = new float[5000];
        vector[4999] = bad;

        assertThrows(IllegalArgumentException.class, () -> noise.addTo(vector, 0, 5000));

        assertEquals(0, vector[0]);
    }

    @Test
    void hugeValuesAreCutAndNotWrapped() {
        FixedPointGaussian noise = FixedPointGaussian.of(1e-12, 2, InsecureNoiseSource.replaying(1));
        float[] vector = {Float.MAX_VALUE, -Float.MAX_VALUE};

        noise.addTo(vector, 0, 2);

        double most = 0x1p52 * noise.gridStep();
        assertEquals(most, vector[0], most * 1e-6);
        assertEquals(-most, vector[1], most * 1e-6);
    }

    @Test
    void addingAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        FixedPointGaussian noise = FixedPointGaussian.of(1, 100_000, InsecureNoiseSource.replaying(1));
        float[] vector = new float[100_000];
        noise.addTo(vector, 0, vector.length);
        long before = threads.getCurrentThreadAllocatedBytes();

        for (int i = 0; i < 10; i++) {
            noise.addTo(vector, 0, vector.length);
        }

        long perValue = (threads.getCurrentThreadAllocatedBytes() - before) / 1_000_000;
        assertEquals(0, perValue, "bytes a value; the source's new keys and the cipher's are fewer");
    }

    @Test
    void parametersOutsideTheirRangesAreRefused() {
        NoiseSource source = InsecureNoiseSource.replaying(1);
        FixedPointGaussian noise = FixedPointGaussian.of(1, 10, source);

        assertThrows(IllegalArgumentException.class, () -> FixedPointGaussian.of(1e-13, 10, source));
        assertThrows(IllegalArgumentException.class, () -> FixedPointGaussian.of(1e13, 10, source));
        assertThrows(IllegalArgumentException.class, () -> FixedPointGaussian.of(Double.NaN, 10, source));
        assertThrows(IllegalArgumentException.class, () -> FixedPointGaussian.of(1, 0, source));
        assertThrows(IllegalArgumentException.class, () -> noise.sensitivity(0));
        assertThrows(IllegalArgumentException.class, () -> noise.sensitivity(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> noise.sensitivity(1, 0));
        assertThrows(IllegalArgumentException.class, () -> noise.sensitivity(1, 2_000_000));
    }

    private static float[] random(int n, double deviation) {
        Random random = new DeterministicRandom(SEED);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    private static float[] unit(int n, long seed) {
        Random random = new Random(seed);
        double[] values = random.doubles(n, -1, 1).toArray();
        double norm = 0;
        for (double value : values) {
            norm += value * value;
        }
        float[] unit = new float[n];
        for (int i = 0; i < n; i++) {
            unit[i] = (float) (values[i] / Math.sqrt(norm) * (1 - 1e-6));
        }
        return unit;
    }
}
