package dev.parley.privacy.dp.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteGaussian;
import dev.parley.privacy.dp.noise.NoiseLaw.Skellam;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Convolution against its proof, parameters, and streams. */
class TableSamplerTest {
    private static final MathContext DIGITS = new MathContext(60);

    /** The bound of every sampler that is handed out: 10^12 values cost less than 2^-70. */
    private static final double MOST_DISTANCE = 0x1p-110;

    /**
     * The exact law of the sum, from the table's chances in integers, against the exact law of the wide Gaussian; with strides
     * that the table smooths badly, so that the proof's number is large enough to be seen.
     */
    @ParameterizedTest
    @CsvSource({"5, 2, 3", "6, 2, 4", "8, 2, 4", "11, 3, 2", "20, 2, 9"})
    void theDistanceOfAConvolutionIsWithinItsBound(double sigma, int draws, int stride) {
        DiscreteGaussian law = DiscreteGaussian.ofSigma(sigma);
        TableSampler sampler = TableSampler.gaussian(law, draws, stride);

        double distance = distance(sampler, law);

        double reported = sampler.distancePerValue().value();
        assertTrue(distance <= reported, distance + " is said to be at most " + reported);
        // A third draw smooths what the inner two have left, and the bound does not count on it.
        assertTrue(
                draws > 2 || reported < 8 * distance, "a bound of " + reported + " for " + distance + " says little");
        assertTrue(distance > 1e-12, "nothing to be seen");
    }

    /** By the product's own choice there is nothing to be seen at 60 digits but the table's rounding. */
    @Test
    void asChosenTheConvolutionAddsNothingToTheTables() {
        DiscreteGaussian law = DiscreteGaussian.ofSigma(301);
        TableSampler sampler = TableSampler.of(law);

        double distance = distance(sampler, law);

        assertEquals(2, sampler.drawsPerValue());
        assertTrue(distance <= sampler.distancePerValue().value(), () -> "distance " + distance);
        assertTrue(distance < MOST_DISTANCE, () -> "distance " + distance);
    }

    private static double distance(TableSampler sampler, DiscreteGaussian law) {
        BigInteger[] one = unfolded(sampler.table());
        BigInteger[] sum = one;
        for (int i = 1; i < sampler.drawsPerValue(); i++) {
            sum = added(one, sum, sampler.stride());
        }
        BigDecimal all = new BigDecimal(BigInteger.TWO.pow(128 * sampler.drawsPerValue()));
        int middle = sum.length / 2;
        BigDecimal[] weights = new BigDecimal[middle + 1];
        BigDecimal total = BigDecimal.ZERO;
        for (int x = 0; x <= middle; x++) {
            weights[x] = x == 0
                    ? BigDecimal.ONE
                    : DecimalInterval.expOfMinus(new PositiveRational(
                                    law.sigmaSquared().denominator().multiply(BigInteger.valueOf((long) x * x)),
                                    law.sigmaSquared().numerator().shiftLeft(1)))
                            .high();
            total = total.add(x == 0 ? weights[x] : weights[x].multiply(BigDecimal.TWO));
        }
        BigDecimal difference = BigDecimal.ZERO;
        for (int i = 0; i < sum.length; i++) {
            BigDecimal drawn = new BigDecimal(sum[i]).divide(all, DIGITS);
            BigDecimal wanted = weights[Math.abs(i - middle)].divide(total, DIGITS);
            difference = difference.add(drawn.subtract(wanted).abs());
        }
        return difference.doubleValue() / 2;
    }

    /** Chances of 2^128 for -greatest to greatest. */
    private static BigInteger[] unfolded(AliasTable table) {
        BigInteger[] chances = table.chances();
        int greatest = table.greatest();
        BigInteger[] all = new BigInteger[2 * greatest + 1];
        for (int x = 0; x <= greatest; x++) {
            all[greatest + x] = x == 0 ? chances[x].shiftLeft(1) : chances[x];
            all[greatest - x] = all[greatest + x];
        }
        return all;
    }

    private static BigInteger[] added(BigInteger[] outer, BigInteger[] inner, int stride) {
        BigInteger[] sum = new BigInteger[outer.length + stride * (inner.length - 1)];
        Arrays.fill(sum, BigInteger.ZERO);
        for (int i = 0; i < inner.length; i++) {
            for (int o = 0; o < outer.length; o++) {
                sum[o + stride * i] = sum[o + stride * i].add(outer[o].multiply(inner[i]));
            }
        }
        return sum;
    }

    /** Noise that hides nothing is not handed out, whatever is asked for. */
    @Property(tries = 60)
    void everySigmaHasASamplerThatIsCloseEnough(@ForAll @DoubleRange(min = -1, max = 7.8) double exponent) {
        double sigma = Math.pow(10, exponent);

        TableSampler sampler = TableSampler.of(DiscreteGaussian.ofSigma(sigma));

        assertTrue(
                sampler.distancePerValue().value() < MOST_DISTANCE, () -> sampler + ": " + sampler.distancePerValue());
        assertTrue(sampler.drawsPerValue() <= 4, sampler::toString);
    }

    @Property(tries = 20)
    void everySkellamHasASamplerThatIsCloseEnough(@ForAll @DoubleRange(min = -1, max = 3) double exponent) {
        PositiveRational variance = PositiveRational.of(Math.pow(10, exponent)).squared();

        TableSampler sampler = TableSampler.of(new Skellam(variance));

        assertTrue(
                sampler.distancePerValue().value() < MOST_DISTANCE, () -> sampler + ": " + sampler.distancePerValue());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.09, 7e7, 1e300, 1e-300})
    void aSigmaThatNoTableReachesIsRefused(double sigma) {
        DiscreteGaussian law = DiscreteGaussian.ofSigma(sigma);

        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> TableSampler.of(law));

        assertTrue(refused.getMessage().contains("0.1 to 67108864"), refused.getMessage());
    }

    @Test
    void aSkellamThatIsTooWideIsRefused() {
        Skellam law = new Skellam(PositiveRational.of(1100L * 1100, 1));

        assertThrows(IllegalArgumentException.class, () -> TableSampler.of(law));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void whatIsNoParameterIsRefused(double sigma) {
        assertThrows(IllegalArgumentException.class, () -> DiscreteGaussian.ofSigma(sigma));
    }

    @ParameterizedTest
    @ValueSource(doubles = {2, 1e6})
    void howAVectorIsCutDoesNotChangeTheDraws(double sigma) {
        TableSampler sampler = TableSampler.of(DiscreteGaussian.ofSigma(sigma));
        int[] whole = new int[200_000];
        int[] cut = new int[200_000];
        NoiseSource source = InsecureNoiseSource.replaying(5);

        sampler.fill(whole, 0, whole.length, InsecureNoiseSource.replaying(5));
        for (int at = 0, size = 1; at < cut.length; at += size, size = Math.min(size * 3, cut.length - at)) {
            sampler.fill(cut, at, at + size, source);
        }

        assertArrayEquals(whole, cut);
    }

    @Test
    void onlyTheRangeIsWritten() {
        int[] values = new int[100];
        Arrays.fill(values, Integer.MAX_VALUE);
        TableSampler sampler = TableSampler.of(DiscreteGaussian.ofSigma(2));

        sampler.fill(values, 10, 90, InsecureNoiseSource.replaying(6));

        for (int i = 0; i < 100; i++) {
            assertEquals(i < 10 || i >= 90, values[i] == Integer.MAX_VALUE, "at " + i);
        }
        assertThrows(
                IndexOutOfBoundsException.class, () -> sampler.fill(values, 90, 101, InsecureNoiseSource.replaying(6)));
    }

    /** Beyond what an int holds is an error, never a wrap. */
    @Test
    void anExactValueThatDoesNotFitIsRefused() {
        ExactSampler sampler = ExactSampler.of(DiscreteGaussian.ofSigma(0x1p40));
        int[] values = new int[64];

        assertThrows(ArithmeticException.class, () -> sampler.fill(values, 0, 64, InsecureNoiseSource.replaying(7)));
    }
}
