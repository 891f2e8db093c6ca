package dev.parley.privacy.dp.noise;

/**
 * A law over all integers, symmetric around 0, whose parameter is an exact rational: what noise is accounted as.
 */
public sealed interface NoiseLaw {
    /** Close to the law's standard deviation, for sizes and messages; no draw depends on it. */
    double standardDeviation();

    /**
     * The discrete Gaussian: {@code P(x)} proportional to {@code exp(-x^2 / (2 sigmaSquared))} (Canonne, Kamath and Steinke
     * 2020). Its variance is at most sigmaSquared, and it is sub-Gaussian with that variance proxy.
     *
     * @param sigmaSquared the parameter sigma^2
     */
    record DiscreteGaussian(PositiveRational sigmaSquared) implements NoiseLaw {
        /** With exactly the square of this double. */
        public static DiscreteGaussian ofSigma(double sigma) {
            return new DiscreteGaussian(PositiveRational.of(sigma).squared());
        }

        @Override
        public double standardDeviation() {
            return Math.sqrt(sigmaSquared.approximately());
        }
    }

    /**
     * The discrete Laplace, or two-sided geometric: {@code P(x)} proportional to {@code exp(-|x| / scale)} (Ghosh,
     * Roughgarden and Sundararajan 2009). At L1 sensitivity s it is (s / scale, 0)-differentially private.
     */
    record DiscreteLaplace(PositiveRational scale) implements NoiseLaw {
        @Override
        public double standardDeviation() {
            // The variance is 2 q / (1 - q)^2 with q = exp(-1 / scale), that is 1 / (2 sinh^2(1 / (2 scale))).
            return Math.sqrt(0.5) / Math.sinh(0.5 / scale.approximately());
        }
    }

    /**
     * The symmetric Skellam: the difference of two independent Poisson variables of mean {@code variance / 2} each
     * (Agarwal, Kairouz and Liu 2021). Sums of Skellam are Skellam, exactly.
     */
    record Skellam(PositiveRational variance) implements NoiseLaw {
        @Override
        public double standardDeviation() {
            return Math.sqrt(variance.approximately());
        }
    }
}
