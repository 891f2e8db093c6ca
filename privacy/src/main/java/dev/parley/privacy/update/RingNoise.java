package dev.parley.privacy.update;

import dev.parley.privacy.dp.noise.DistributedGaussianSum;
import dev.parley.privacy.dp.noise.NoiseLaw;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.dp.noise.TableSampler;

/** What a site adds to its rounded update, and what the noise of a whole cohort can come to, in ring steps. */
sealed interface RingNoise {
    /** What all noise in a sum adds to a coordinate at most, on either side, but for a probability of 2^-40. */
    long tail();

    /** What the noise of {@code contributions} sites adds to the sum's norm at most, but for 2^-40. */
    double normTail(int contributions);

    /** Nothing is added. */
    record Silent() implements RingNoise {
        @Override
        public long tail() {
            return 0;
        }

        @Override
        public double normTail(int contributions) {
            return 0;
        }
    }

    /**
     * A discrete Gaussian on each coordinate.
     *
     * <p><b>Tails.</b> A discrete Gaussian is sub-Gaussian with its sigma^2 for a proxy: {@code E exp(t X)} is {@code exp(t^2 sigma^2 /
     * 2)} times the sum of {@code exp(-(x - t sigma^2)^2 / 2 sigma^2)} over that of {@code exp(-x^2 / 2 sigma^2)}, and of all
     * shifts the second sum is the largest, by Poisson's summation formula. The sum of n independent ones has n sigma^2. By
     * Chernoff and the union bound over d coordinates, none exceeds {@code sigma sqrt(2 n ln(2 d / beta))} but for beta. The
     * norm of a sub-Gaussian vector with proxy v exceeds {@code sqrt(v (d + 2 sqrt(d t) + 2 t))} with probability at most e^-t
     * (Hsu, Kakade and Zhang 2012, theorem 2.1).
     */
    record Gaussian(DistributedGaussianSum release, TableSampler sampler, long tail) implements RingNoise {
        /** The smallest local sigma: below, sums of shares are hardly Gaussian and tau is worth more than the noise. */
        static final double LEAST_SIGMA = 0.5;

        static Gaussian of(int dimension, double normBound, double localSigma, int shares, int cohortLimit) {
            TableSampler sampler = TableSampler.of(NoiseLaw.DiscreteGaussian.ofSigma(localSigma));
            DistributedGaussianSum release = new DistributedGaussianSum(
                    dimension,
                    normBound,
                    localSigma,
                    shares,
                    sampler.distancePerValue().times(dimension));
            return new Gaussian(release, sampler, tail(dimension, localSigma, cohortLimit));
        }

        static long tail(int dimension, double localSigma, int cohortLimit) {
            double logarithm = Math.log(2.0 * dimension / RandomisedHadamard.FAILURE_PROBABILITY);
            return (long) Math.ceil(localSigma * Math.sqrt(2 * logarithm * cohortLimit));
        }

        @Override
        public double normTail(int contributions) {
            double t = -Math.log(RandomisedHadamard.FAILURE_PROBABILITY);
            double d = release.dimension();
            double proxy = contributions * release.localSigma() * release.localSigma();
            return Math.sqrt(proxy * (d + 2 * Math.sqrt(d * t) + 2 * t));
        }

        /** Modulo 2^32, of which the ring is a part: a share may pass a site's range, as only the sum has to fit. */
        void addTo(int[] ring, NoiseSource source) {
            int[] noise = new int[release.dimension()];
            sampler.fill(noise, 0, noise.length, source);
            for (int i = 0; i < noise.length; i++) {
                ring[i] += noise[i];
            }
        }
    }
}
