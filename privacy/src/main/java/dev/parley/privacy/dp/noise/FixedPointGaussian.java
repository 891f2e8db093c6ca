package dev.parley.privacy.dp.noise;

import dev.parley.privacy.dp.NoiseMultiplier;
import java.util.Objects;

/**
 * Gaussian noise for vectors of floats, drawn as a discrete Gaussian on a grid. The steps of DP-SGD use it.
 *
 * <p><b>What it does.</b> Each value is rounded to the grid, an integer, <i>then</i> an independent discrete Gaussian
 * integer is added, and the sum is given back as the float nearest to its place on the grid. That last step looks at the
 * noised integer alone, so it is post-processing: which floats can come out, and how often, says nothing that the integer
 * does not. To round after the noise alone, as floating-point mechanisms do, is what leaks.
 *
 * <p><b>What to account.</b> A plain Gaussian mechanism with {@link #multiplier}, sub-sampled and composed as may be, and {@link
 * #statisticalDistancePerUse} for each vector. No analysis of the discrete law is needed, because it is nearly a
 * post-processing of the continuous one (Peikert 2010, theorem 3.1): add to an integer c a continuous Gaussian of variance {@code
 * sigma^2 - s^2} (in steps), and round the result x to the integer y with probability proportional to {@code exp(-(y - x)^2 /
 * 2 s^2)}. By Poisson's summation formula the denominator of that is the same for all x up to a factor within {@code 1 +- e},
 * {@code e} as in {@link TableSampler}, and with a constant denominator y would be distributed as {@code exp(-(y - c)^2 / 2
 * sigma^2)}. So the two laws are within {@code e / (1 - e)}, which is below 2^-170 at s = {@value #SMOOTHING}. What is given up
 * is s steps of at least 2^12: nothing that a decimal shows.
 *
 * <p>Not thread-safe: it holds the source and a block of integers.
 */
public final class FixedPointGaussian {
    private static final double LEAST_DEVIATION = 1e-12;
    private static final double MOST_DEVIATION = 1e12;

    /** Rounding a vector to the grid moves it by at most 2^-12 standard deviations against its neighbour. */
    private static final int FINENESS_BITS = 12;

    /** s of the essay, in steps. */
    private static final double SMOOTHING = 2.5;

    /** Beyond so many steps a value is cut, so that with noise it is still exact as a double. */
    private static final double MOST_STEPS = 0x1p52;

    /** Half a unit in the last place of a float near 1. */
    private static final double UNIT_ROUNDOFF = 0x1p-24;

    /** Covers what the few operations in double that lead to a bound may round. */
    private static final double SLACK = 1 + 0x1p-40;

    private static final int BLOCK = 1024;

    private final double standardDeviation;
    private final int values;
    private final double step;
    private final TableSampler sampler;
    private final NoiseSource source;
    private final int[] noise = new int[BLOCK];

    private FixedPointGaussian(double standardDeviation, int values, double step, NoiseSource source) {
        this.standardDeviation = standardDeviation;
        this.values = values;
        this.step = step;
        this.sampler = TableSampler.of(NoiseLaw.DiscreteGaussian.ofSigma(standardDeviation / step));
        this.source = source;
    }

    /**
     * Noise for one vector, or many of the same length and standard deviation. Its table takes some milliseconds to make.
     *
     * @param standardDeviation of the noise on each value, 1e-12 to 1e12
     * @param values length of the vector, at least 1: the grid is finer for longer ones
     * @param source gives the noise; nobody else may use it
     */
    public static FixedPointGaussian of(double standardDeviation, int values, NoiseSource source) {
        if (!(standardDeviation >= LEAST_DEVIATION && standardDeviation <= MOST_DEVIATION)) {
            throw new IllegalArgumentException(
                    "noise on a grid has a standard deviation of 1e-12 to 1e12, got " + standardDeviation);
        }
        if (values < 1) {
            throw new IllegalArgumentException("a vector has at least 1 value, got " + values);
        }
        double wanted = Math.scalb(Math.sqrt(values), FINENESS_BITS);
        double coarsest = standardDeviation / Math.min(wanted, TableSampler.MOST_SIGMA / 2);
        return new FixedPointGaussian(standardDeviation, values, Math.scalb(1.0, Math.getExponent(coarsest)), source);
    }

    /** Between neighbouring points of the grid: a power of two. */
    public double gridStep() {
        return step;
    }

    public double standardDeviation() {
        return standardDeviation;
    }

    /**
     * What two vectors may differ by in Euclidean norm after rounding to the grid, if they differ by at most {@code
     * l2Sensitivity} before. Rounding moves each coordinate of the difference by at most one step.
     *
     * <p>The vectors are taken as they are: what rounding errors of their own two sums have, see {@link #sensitivity(double,
     * int)}.
     *
     * @param l2Sensitivity above 0
     */
    public double sensitivity(double l2Sensitivity) {
        if (!(l2Sensitivity > 0 && l2Sensitivity < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a sensitivity is greater than 0 and finite, got " + l2Sensitivity);
        }
        return (l2Sensitivity + Math.sqrt(values) * step) * SLACK;
    }

    /**
     * The same for vectors that are sums, added up in float32 in any order, of at most {@code summands} vectors of floats
     * with norms of at most {@code l2Sensitivity}, one of which is there or not. Both sums may be off by {@code g} times the
     * sum of the absolute values in each coordinate, {@code g = n u / (1 - n u)}, u = 2^-24 (Higham 2002, section 4.2); hence by
     * {@code g n l2Sensitivity} in norm, each. It covers the adding up and nothing before it.
     *
     * @param summands n, 1 to 2^20
     */
    public double sensitivity(double l2Sensitivity, int summands) {
        if (summands < 1 || summands > 1 << 20) {
            throw new IllegalArgumentException("a float32 sum has 1 to 2^20 summands, got " + summands);
        }
        double g = summands * UNIT_ROUNDOFF / (1 - summands * UNIT_ROUNDOFF);
        return sensitivity(l2Sensitivity * (1 + 2 * g * summands));
    }

    /**
     * What an accountant of the Gaussian mechanism may be told.
     *
     * @param roundedSensitivity as {@link #sensitivity} gives it
     */
    public NoiseMultiplier multiplier(double roundedSensitivity) {
        double smooth = SMOOTHING * step;
        double accounted = Math.sqrt(standardDeviation * standardDeviation - smooth * smooth);
        return new NoiseMultiplier(accounted / roundedSensitivity / SLACK);
    }

    /**
     * How far the noise of one whole vector may be from what {@link #multiplier} accounts, however it is cut into calls: the
     * tables', the convolution's and the essay's, for every value. Below 2^-80 for 2^31 values.
     */
    public StatisticalDistance statisticalDistancePerUse() {
        return sampler.distancePerValue()
                .plus(TableSampler.smoothing(SMOOTHING * SMOOTHING))
                .times(values);
    }

    /**
     * Rounds {@code vector[from]} (inclusive) to {@code vector[to]} (exclusive) to the grid and adds noise, in place. Values
     * beyond 2^52 steps are cut to it first, which brings no two vectors further apart.
     *
     * @throws IllegalArgumentException if a value is NaN or infinite; then nothing has been changed
     */
    public void addTo(float[] vector, int from, int to) {
        Objects.checkFromToIndex(from, to, vector.length);
        for (int i = from; i < to; i++) {
            if (!Float.isFinite(vector[i])) {
                throw new IllegalArgumentException(
                        "noise is added to finite values, and one is NaN or infinite: training has diverged");
            }
        }
        for (int at = from; at < to; at += BLOCK) {
            int count = Math.min(BLOCK, to - at);
            sampler.fill(noise, 0, count, source);
            addBlock(vector, at, count);
        }
    }

    private void addBlock(float[] vector, int at, int count) {
        double steps = 1 / step;
        for (int i = 0; i < count; i++) {
            // Powers of two: both products are exact.
            double scaled = Math.clamp(vector[at + i] * steps, -MOST_STEPS, MOST_STEPS);
            long noised = (long) Math.rint(scaled) + noise[i];
            vector[at + i] = (float) (noised * step);
        }
    }

    @Override
    public String toString() {
        return "FixedPointGaussian[standard deviation " + standardDeviation + ", " + values + " values, step " + step
                + "]";
    }
}
