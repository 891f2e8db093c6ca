package dev.parley.privacy.dp.noise;

import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteGaussian;
import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteLaplace;
import dev.parley.privacy.dp.noise.NoiseLaw.Skellam;
import java.math.BigInteger;
import java.util.Objects;

/**
 * Draws from exactly the law, by integers alone: for single released numbers, and to hold {@link TableSampler} against.
 *
 * <p>The discrete Gaussian and the discrete Laplace are algorithms 1 to 3 of Canonne, Kamath and Steinke (2020). A Poisson
 * variable of mean m at most 1/2 is proposed by n with probability 2^-(n+1) and accepted with {@code (2 m)^n / n!}, which is a
 * product of n coins; one of a larger mean is the sum of such; a Skellam is the difference of two.
 *
 * <p><b>Does not</b> take the same time for every value: rejection takes longer for some than for others, and a
 * Skellam takes time in proportion to its variance. Where an attacker can measure how long one draw takes, use tables.
 */
public final class ExactSampler implements NoiseSampler {
    private final NoiseLaw law;

    private ExactSampler(NoiseLaw law) {
        this.law = law;
    }

    public static ExactSampler of(NoiseLaw law) {
        return new ExactSampler(law);
    }

    @Override
    public NoiseLaw law() {
        return law;
    }

    /** None. */
    @Override
    public StatisticalDistance distancePerValue() {
        return StatisticalDistance.ZERO;
    }

    /**
     * One value.
     *
     * @throws ArithmeticException if it does not fit, with a probability below 2^-1000 up to a standard deviation of 2^53
     */
    public long draw(NoiseSource source) {
        ExactCoins coins = new ExactCoins(source);
        return switch (law) {
            case DiscreteGaussian gaussian -> gaussian(gaussian.sigmaSquared(), coins);
            case DiscreteLaplace laplace -> laplace(laplace.scale(), coins);
            case Skellam skellam -> {
                PositiveRational mean = skellam.variance().dividedBy(BigInteger.TWO);
                long up = poisson(mean, coins);
                long down = poisson(mean, coins);
                yield up - down;
            }
        };
    }

    /** @throws ArithmeticException if a value does not fit an int: take a law of a smaller standard deviation */
    @Override
    public void fill(int[] values, int from, int to, NoiseSource source) {
        Objects.checkFromToIndex(from, to, values.length);
        for (int i = from; i < to; i++) {
            values[i] = Math.toIntExact(draw(source));
        }
    }

    /** Algorithm 3: a Laplace of scale t = floor(sigma) + 1, accepted with {@code exp(-(|y| - sigma^2 / t)^2 / (2 sigma^2))}. */
    private static long gaussian(PositiveRational sigmaSquared, ExactCoins coins) {
        BigInteger p = sigmaSquared.numerator();
        BigInteger q = sigmaSquared.denominator();
        BigInteger t = sigmaSquared.floor().sqrt().add(BigInteger.ONE);
        BigInteger tq = t.multiply(q);
        // The exponent in integers: (|y| t q - p)^2 / (2 p q t^2).
        BigInteger denominator = tq.multiply(t).multiply(p).shiftLeft(1);
        PositiveRational scale = new PositiveRational(t, BigInteger.ONE);
        while (true) {
            long proposed = laplace(scale, coins);
            BigInteger root =
                    BigInteger.valueOf(Math.absExact(proposed)).multiply(tq).subtract(p);
            if (coins.exponential(root.multiply(root), denominator)) {
                return proposed;
            }
        }
    }

    /** Algorithm 2, for a scale of t / s. */
    private static long laplace(PositiveRational scale, ExactCoins coins) {
        BigInteger t = scale.numerator();
        BigInteger s = scale.denominator();
        while (true) {
            BigInteger u = coins.below(t);
            if (!coins.exponential(u, t)) {
                continue;
            }
            long v = 0;
            while (coins.exponential(BigInteger.ONE, BigInteger.ONE)) {
                v++;
            }
            long magnitude = u.add(t.multiply(BigInteger.valueOf(v))).divide(s).longValueExact();
            boolean negative = coins.fair();
            if (!(negative && magnitude == 0)) {
                return negative ? -magnitude : magnitude;
            }
        }
    }

    private static long poisson(PositiveRational mean, ExactCoins coins) {
        BigInteger twice = mean.numerator().shiftLeft(1);
        BigInteger parts =
                twice.add(mean.denominator()).subtract(BigInteger.ONE).divide(mean.denominator());
        BigInteger divisor = mean.denominator().multiply(parts);
        long count = parts.longValueExact();
        long sum = 0;
        for (long i = 0; i < count; i++) {
            sum += smallPoisson(twice, divisor, coins);
        }
        return sum;
    }

    /** Of a mean at most 1/2, given as twice the mean. */
    private static long smallPoisson(BigInteger twice, BigInteger divisor, ExactCoins coins) {
        while (true) {
            long proposed = 0;
            while (coins.fair()) {
                proposed++;
            }
            long passed = 0;
            while (passed < proposed && coins.bernoulli(twice, divisor.multiply(BigInteger.valueOf(passed + 1)))) {
                passed++;
            }
            if (passed == proposed) {
                return proposed;
            }
        }
    }

    @Override
    public String toString() {
        return "ExactSampler[" + law + "]";
    }
}
