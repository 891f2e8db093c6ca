package dev.parley.privacy.dp.noise;

import java.math.BigInteger;
import java.util.Objects;

/**
 * Draws a discrete Gaussian or Skellam from one small table, fast enough for vectors of tens of millions.
 *
 * <p><b>Wide Gaussians.</b> A table of at most 4,096 magnitudes reaches a sigma of 300. A wider one is the sum {@code X_0 +
 * k X_1 + k^2 X_2 + ...} of L draws from one table, whose parameter {@code sigma^2 / (1 + k^2 + ... + k^(2(L-1)))} is an exact
 * rational again. The sum is nearly a discrete Gaussian with exactly sigma^2 (Peikert 2010, theorem 3.1; Micciancio and Walter
 * 2017, section 3): for {@code X} with parameter a^2 and {@code Y} with b^2, completing the square gives
 *
 * <pre>{@code
 * exp(-(x - k y)^2 / 2a^2) exp(-y^2 / 2b^2) = exp(-x^2 / 2c^2) exp(-(y - u x)^2 / 2s^2),
 * c^2 = a^2 + k^2 b^2,    u = k b^2 / c^2,    1 / s^2 = 1 / b^2 + k^2 / a^2.
 * }</pre>
 *
 * P(X + k Y = x) is the sum of this over y, over a constant. By Poisson's summation formula the sum over all integers y of
 * the last factor is {@code sqrt(2 pi) s (1 + 2 sum over j >= 1 of exp(-2 pi^2 s^2 j^2) cos(2 pi j u x))}, the same for all x but
 * for a factor within {@code 1 +- e}, where {@code e = 2 exp(-2 pi^2 s^2) / (1 - exp(-6 pi^2 s^2))}. So the law of X + k Y and the
 * discrete Gaussian with c^2 agree up to a factor within {@code (1 + e) / (1 - e)} at every x, and their distance is at most
 * {@code e / (1 - e)}. Taken L - 1 times, from the innermost pair on, with a / k at least {@value #LEAST_SMOOTHING}: below 2^-170
 * each. The distances of the pairs and of L draws from the table add up to {@link #distancePerValue}, which is below 2^-112.
 *
 * <p><b>Wide Skellams</b> are plain sums of L draws, which is exact.
 *
 * <p><b>Time.</b> Each value takes L draws of 128 bits and the same instructions, whatever is drawn: that time is told from the
 * noise is how rejection samplers were attacked (Jin et al. 2022). Addresses in the table do depend on it: see {@link
 * AliasTable}.
 */
public final class TableSampler implements NoiseSampler {
    /** The smallest sigma; below, nearly all noise is 0. */
    public static final double LEAST_SIGMA = 0.1;

    /** The largest sigma of a discrete Gaussian: more, and a value might not fit an int. */
    public static final double MOST_SIGMA = 0x1p26;

    /** The largest sigma of a Skellam: it takes a draw for each 300^2 of variance. */
    public static final double MOST_SKELLAM_SIGMA = 1024;

    /** Sigma up to which 4,096 magnitudes leave out less than 2^-129. */
    private static final double WIDEST_TABLE = 300;

    /** Least a / k. More than one draw means an a of at least 25, hence 1 / s^2 <= 1 / 25^2 + 1 / 2.5^2: e below 2^-170. */
    private static final double LEAST_SMOOTHING = 2.5;

    private final NoiseLaw law;
    private final AliasTable table;
    private final int draws;
    private final int stride;
    private final StatisticalDistance distance;

    private TableSampler(
            NoiseLaw law, AliasTable table, int draws, int stride, StatisticalDistance distanceOfConvolution) {
        this.law = law;
        this.table = table;
        this.draws = draws;
        this.stride = stride;
        this.distance = table.distance().times(draws).plus(distanceOfConvolution);
        long greatest = 0;
        for (int i = 0; i < draws; i++) {
            greatest = Math.addExact(Math.multiplyExact(greatest, stride), table.greatest());
        }
        // Then no sum wraps, whatever is drawn.
        Math.toIntExact(greatest);
    }

    /** @throws IllegalArgumentException if sigma is not within {@value #LEAST_SIGMA} to 2^26 */
    public static TableSampler of(NoiseLaw.DiscreteGaussian law) {
        double sigma = requireWithin(law, MOST_SIGMA);
        int draws = 1;
        int stride = 1;
        while (sigma / Math.sqrt(squares(draws, stride)) > WIDEST_TABLE) {
            draws++;
            stride = widestStride(sigma, draws);
        }
        return gaussian(law, draws, stride);
    }

    /** @param stride k of the essay; tests take too large a one to see the proof fail where it must */
    static TableSampler gaussian(NoiseLaw.DiscreteGaussian law, int draws, int stride) {
        BigInteger squares = BigInteger.ZERO;
        for (int i = 0; i < draws; i++) {
            squares = squares.add(BigInteger.valueOf(stride).pow(2 * i));
        }
        PositiveRational ofTable = law.sigmaSquared().dividedBy(squares);
        AliasTable table = AliasTable.of(FoldedMasses.of(new NoiseLaw.DiscreteGaussian(ofTable)));
        return new TableSampler(law, table, draws, stride, convolution(ofTable.approximately(), draws, stride));
    }

    /** @throws IllegalArgumentException if the standard deviation is not within {@value #LEAST_SIGMA} to 1024 */
    public static TableSampler of(NoiseLaw.Skellam law) {
        double sigma = requireWithin(law, MOST_SKELLAM_SIGMA);
        int draws = Math.max(1, (int) Math.ceil(Math.pow(sigma / WIDEST_TABLE, 2)));
        NoiseLaw.Skellam part = new NoiseLaw.Skellam(law.variance().dividedBy(BigInteger.valueOf(draws)));
        return new TableSampler(law, AliasTable.of(FoldedMasses.of(part)), draws, 1, StatisticalDistance.ZERO);
    }

    private static double requireWithin(NoiseLaw law, double most) {
        double sigma = law.standardDeviation();
        if (!(sigma >= LEAST_SIGMA && sigma <= most)) {
            throw new IllegalArgumentException("tables draw noise of a sigma of " + LEAST_SIGMA + " to " + (long) most
                    + " steps, got " + sigma + ": choose another grid, or the exact sampler");
        }
        return sigma;
    }

    /** The largest k that is smooth enough: it takes the smallest table. */
    private static int widestStride(double sigma, int draws) {
        int stride = 1;
        while (sigma / Math.sqrt(squares(draws, stride + 1)) >= LEAST_SMOOTHING * (stride + 1)) {
            stride++;
        }
        return stride;
    }

    private static double squares(int draws, int stride) {
        double sum = 0;
        for (int i = 0; i < draws; i++) {
            sum = sum * stride * stride + 1;
        }
        return sum;
    }

    /** The distances of the essay's pairs together, the innermost first. */
    private static StatisticalDistance convolution(double tableVariance, int draws, int stride) {
        StatisticalDistance sum = StatisticalDistance.ZERO;
        double inner = tableVariance;
        for (int i = 1; i < draws; i++) {
            sum = sum.plus(smoothing(1 / (1 / inner + (double) stride * stride / tableVariance)));
            inner = tableVariance + (double) stride * stride * inner;
        }
        return sum;
    }

    /**
     * {@code e / (1 - e)} of the essay, rounded up.
     *
     * @param squared s^2
     */
    static StatisticalDistance smoothing(double squared) {
        // Far more than the rounding errors of the few operations that lead here.
        double least = squared * (1 - 0x1p-40);
        double first = Math.exp(-2 * Math.PI * Math.PI * least);
        double e = 2 * first / (1 - first * first * first);
        return new StatisticalDistance(e < 0.5 ? Math.min(1, e / (1 - e) * (1 + 0x1p-40)) : 1);
    }

    @Override
    public NoiseLaw law() {
        return law;
    }

    @Override
    public StatisticalDistance distancePerValue() {
        return distance;
    }

    /** How many table draws one value takes. */
    public int drawsPerValue() {
        return draws;
    }

    AliasTable table() {
        return table;
    }

    int stride() {
        return stride;
    }

    @Override
    public void fill(int[] values, int from, int to, NoiseSource source) {
        Objects.checkFromToIndex(from, to, values.length);
        for (int i = from; i < to; i++) {
            int value = 0;
            for (int draw = 0; draw < draws; draw++) {
                value = value * stride + table.draw(source.nextWord(), source.nextWord());
            }
            values[i] = value;
        }
    }

    @Override
    public String toString() {
        return "TableSampler[" + law + ", " + draws + " draws]";
    }
}
