package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NeighbouringRelation.AddOrRemoveOne;
import dev.parley.privacy.dp.NeighbouringRelation.ReplaceOne;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.dp.noise.DistributedGaussianSum;

/**
 * Integer noise that sites make together: each rounds its clipped vector at random to multiples of a granularity and adds its
 * own share of noise, and secure aggregation shows only the sum.
 *
 * <p>Sums of Skellam variables are Skellam; sums of discrete Gaussians are only near one, which costs the term tau (Kairouz, Liu
 * and Steinke 2021, theorem 1; Agarwal, Kairouz and Liu 2021, theorem 3.5). The unit is what one site's vector is made from.
 *
 * @param law of each site's share
 * @param sites whose shares are in the sum for certain: a dropout floor, not the number that was invited
 * @param localSigma standard deviation of one site's share, in units of the vector
 * @param clipNorm L2 norm of a vector before rounding
 * @param granularity what integers are multiples of, in units of the vector
 * @param dimension entries of the vector, after any padding
 * @param rate with which each unit takes part in the sum
 */
public record DistributedNoise(
        Law law, int sites, double localSigma, double clipNorm, double granularity, int dimension, SamplingRate rate) {
    /** Which noise each site draws. */
    public enum Law {
        DISCRETE_GAUSSIAN,
        SKELLAM
    }

    /** Probability e^(-1/2) with which a rounding that lengthens the vector further is drawn anew. */
    private static final double LOG_INVERSE_BETA = 0.5;

    public DistributedNoise {
        if (sites < 1 || dimension < 1) {
            throw new IllegalArgumentException(
                    "distributed noise has 1 site and 1 dimension or more, got " + sites + " and " + dimension);
        }
        if (!(localSigma > 0 && clipNorm > 0 && granularity > 0 && localSigma + clipNorm + granularity < 1e300)) {
            throw new IllegalArgumentException(
                    "local sigma, clip norm and granularity are greater than 0 and finite, got " + localSigma + ", "
                            + clipNorm + " and " + granularity);
        }
    }

    /**
     * Longest L2 norm of a vector after conditional randomised rounding to integers (Kairouz, Liu and Steinke 2021, proposition
     * 22, with beta e^(-1/2)).
     *
     * @param norm before rounding, over the granularity
     */
    public static double roundedNorm(double norm, int dimension) {
        double root = Math.sqrt(dimension);
        double likely = norm * norm + 0.25 * dimension + Math.sqrt(2 * LOG_INVERSE_BETA) * (norm + 0.5 * root);
        return Math.min(norm + root, Math.sqrt(likely));
    }

    /** How far a sum of that many discrete Gaussians is from one, at most: tau of theorem 1. */
    double tau() {
        return DistributedGaussianSum.tau(localSigma / granularity, sites);
    }

    /** Rényi divergence at an order of 2 or more; orders between integers take the next one, which is no smaller. */
    double divergence(NeighbouringRelation relation, double order) {
        double units = switch (relation) {
            case AddOrRemoveOne one -> 1;
            case ReplaceOne one -> 2;
        };
        if (units == 2 && rate.value() < 1) {
            throw new NoAnalysisException(
                    "sampled distributed noise has an analysis only for added or removed units, got"
                            + " replaced ones; account it with the neighbours add-remove, or with sampling rate 1");
        }
        int alpha = (int) Math.max(2, Math.ceil(order));
        double whole = unsampled(units, alpha);
        return rate.value() == 1 ? whole : Math.min(whole, sampled(alpha));
    }

    private double unsampled(double units, int order) {
        double norm = roundedNorm(clipNorm / granularity, dimension);
        double norm1 = norm * Math.min(Math.sqrt(dimension), norm);
        double variance = (localSigma / granularity) * (localSigma / granularity) * sites;
        return switch (law) {
            case SKELLAM -> skellam(units * norm, units * norm1, variance, order);
            case DISCRETE_GAUSSIAN -> {
                double ratio = units * norm / Math.sqrt(variance);
                double ratio1 = units * norm1 / Math.sqrt(variance);
                double tau = tau();
                double byDimension = 0.5 * order * ratio * ratio + tau * dimension;
                double byNorm1 = 0.5 * order * (ratio * ratio + 2 * ratio1 * tau + tau * tau * dimension);
                double byNorm = 0.5 * order * Math.pow(ratio + Math.sqrt(dimension) * tau, 2);
                yield Math.min(byDimension, Math.min(byNorm1, byNorm));
            }
        };
    }

    /** Agarwal, Kairouz and Liu 2021, theorem 3.5, in integers. */
    static double skellam(double norm, double norm1, double variance, double order) {
        double first = order * norm * norm / (2 * variance);
        double small = ((2 * order - 1) * norm * norm + 6 * norm1) / (4 * variance * variance);
        return first + Math.min(small, 3 * norm1 / (2 * variance));
    }

    /** Zhu and Wang 2019, theorem 5: any mechanism behind Poisson sampling, at an integer order. */
    private double sampled(int order) {
        double q = rate.value();
        double stay = Math.log1p(-q);
        double[] terms = new double[order];
        terms[0] = (order - 1) * stay + Math.log1p((order - 1) * q);
        double logCoefficient = Math.log(order);
        for (int l = 2; l <= order; l++) {
            logCoefficient += Math.log((order - l + 1.0) / l);
            double factor = l == 2 ? 0 : Math.log(3);
            terms[l - 1] = factor + logCoefficient + (order - l) * stay + l * Math.log(q) + (l - 1) * unsampled(1, l);
        }
        return Math.max(0, LogSum.of(terms)) / (order - 1);
    }
}
