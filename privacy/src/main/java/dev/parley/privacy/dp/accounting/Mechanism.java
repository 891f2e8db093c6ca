package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.SamplingRate;

/**
 * One release, described by what its privacy depends on. Sensitivities are what adding or removing one unit can change;
 * replacing one can change twice that, and the accountants count it so.
 */
public sealed interface Mechanism {
    /** A mechanism that Poisson sampling can be put before. */
    sealed interface Sampled extends Mechanism permits Gaussian, Laplace {}

    /** Gaussian noise on a vector of bounded L2 norm. */
    record Gaussian(NoiseMultiplier noise) implements Sampled {}

    /**
     * Laplace noise on a value or a vector of bounded L1 norm.
     *
     * @param scale of the noise over the L1 sensitivity: epsilon is its inverse
     */
    record Laplace(double scale) implements Sampled {
        public Laplace {
            requirePositive("the scale of Laplace noise over its sensitivity", scale);
        }
    }

    /**
     * Noise on an integer with probability proportional to {@code e^(-|k| / scale)}.
     *
     * @param scale of the noise, in integers
     * @param sensitivity what one unit can add to the integer
     */
    record DiscreteLaplace(double scale, int sensitivity) implements Mechanism {
        public DiscreteLaplace {
            requirePositive("the scale of discrete Laplace noise", scale);
            requireSensitivity(sensitivity);
        }
    }

    /**
     * Noise on an integer with probability proportional to {@code e^(-k^2 / (2 sigma^2))} (Canonne, Kamath and Steinke 2020).
     *
     * @param sigma of the noise, in integers
     * @param sensitivity what one unit can add to the integer
     */
    record DiscreteGaussian(double sigma, int sensitivity) implements Mechanism {
        public DiscreteGaussian {
            requirePositive("the sigma of discrete Gaussian noise", sigma);
            requireSensitivity(sensitivity);
        }
    }

    /**
     * Noise on an integer that is the difference of two Poisson variables.
     *
     * @param variance of the noise: the sum of both Poisson means
     * @param sensitivity what one unit can add to the integer
     */
    record Skellam(double variance, int sensitivity) implements Mechanism {
        /** Beyond it tables of the mass function would not fit; discrete Gaussian noise is then as good. */
        private static final double LARGEST_VARIANCE = 1e11;

        public Skellam {
            requirePositive("the variance of Skellam noise", variance);
            if (variance > LARGEST_VARIANCE) {
                throw new IllegalArgumentException("Skellam noise is accounted up to variance 1e11, got " + variance
                        + "; describe it as DistributedNoise, or scale values down");
            }
            requireSensitivity(sensitivity);
        }
    }

    /** Each unit takes part with a probability, independently; then noise is added to the sum of those that do. */
    record PoissonSampled(SamplingRate rate, Sampled step) implements Mechanism {}

    /**
     * Gaussian noise on the sum over a batch of fixed size, drawn uniformly without replacement.
     *
     * @param batch units in the batch
     * @param population units to draw from, which is public
     */
    record FixedSizeSampled(int batch, int population, NoiseMultiplier noise) implements Mechanism {
        public FixedSizeSampled {
            if (!(batch >= 1 && batch <= population)) {
                throw new IllegalArgumentException(
                        "a batch has 1 to as many units as there are, got " + batch + " of " + population);
            }
        }
    }

    /**
     * Gaussian noise correlated over a whole run of releases {@code A x = B (C x + z)}: all of it is one Gaussian release of
     * {@code C x} (Denisov, McMahan, Rush, Smith and Thakurta 2022, theorem 2.1), for adaptive inputs too.
     *
     * @param noise of z, over the sensitivity of one unit's contribution to one step
     * @param strategySensitivity largest L2 norm that the columns of C of one unit's steps can sum to: the largest column
     *     norm if each unit takes part once
     */
    record MatrixFactorisation(NoiseMultiplier noise, double strategySensitivity) implements Mechanism {
        public MatrixFactorisation {
            requirePositive("the sensitivity of a strategy matrix", strategySensitivity);
        }

        /**
         * Prefix sums by a binary tree in which each unit takes part in one step: it is in one node of each level (Dwork,
         * Naor, Pitassi and Rothblum 2010; Kairouz and others 2021, appendix D).
         *
         * @param steps between two restarts of the tree
         */
        public static MatrixFactorisation tree(NoiseMultiplier noise, int steps) {
            if (steps < 1) {
                throw new IllegalArgumentException("a tree has 1 step or more, got " + steps);
            }
            int levels = Integer.SIZE - Integer.numberOfLeadingZeros(steps);
            return new MatrixFactorisation(noise, Math.sqrt(levels));
        }
    }

    /**
     * Noise made by many sites together on integers inside secure aggregation. Only its Rényi divergence is known.
     *
     * @see DistributedNoise
     */
    record Distributed(DistributedNoise noise) implements Mechanism {}

    /** Anything of which an epsilon and a delta are all that is known, for the relation that it is composed under. */
    record Stated(Epsilon epsilon, Delta delta) implements Mechanism {
        public Stated {
            if (!epsilon.isBounded()) {
                throw new IllegalArgumentException("a stated guarantee has a bounded epsilon");
            }
        }
    }

    /**
     * Anything that is known to be rho-zero-concentrated differentially private, for the relation that it is composed under
     * (Bun and Steinke 2016): its Rényi divergence of order alpha is at most rho alpha.
     */
    record ZeroConcentrated(double rho) implements Mechanism {
        public ZeroConcentrated {
            requirePositive("rho", rho);
        }
    }

    private static void requirePositive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " is greater than 0 and finite, got " + value);
        }
    }

    private static void requireSensitivity(int sensitivity) {
        if (sensitivity < 1 || sensitivity > 1 << 24) {
            throw new IllegalArgumentException(
                    "the sensitivity of an integer release is 1 to " + (1 << 24) + ", got " + sensitivity);
        }
    }
}
