package dev.parley.privacy.dp.noise;

import dev.parley.privacy.dp.NoiseMultiplier;

/**
 * What one sum releases to which every honest member has added its own share of noise: everything that an accountant needs
 * (Kairouz, Liu and Steinke 2021, "The distributed discrete Gaussian mechanism for federated learning with secure
 * aggregation"). One member's vector replaced by zeros, or the reverse, is the difference that is hidden; sensitivities
 * under it are those of one vector. Sigmas and sensitivities are in steps of the ring.
 *
 * <p>Shares beyond {@link #shares} and everything done to the sum afterwards (masks, the modulus, decoding) are
 * post-processing.
 *
 * @param dimension noised coordinates, at least 1
 * @param l2Sensitivity bound on the Euclidean norm of one rounded vector, which is enforced and not only likely
 * @param localSigma parameter of each share, a discrete Gaussian on each coordinate
 * @param shares honest members whose noise is surely in the sum, at least 1: survivors at least, less those who may collude
 * @param samplersDistance of one share, over all coordinates, from the discrete Gaussian
 */
public record DistributedGaussianSum(
        int dimension, double l2Sensitivity, double localSigma, int shares, StatisticalDistance samplersDistance) {
    /** A continuous Gaussian of more than this many steps is smooth on the grid; see {@link FixedPointGaussian}. */
    private static final double SMOOTHING_VARIANCE = 2.5 * 2.5;

    /** Covers what a sum of up to 10,000 terms in double may round. */
    private static final double SLACK = 1 + 0x1p-36;

    public DistributedGaussianSum {
        if (dimension < 1 || shares < 1) {
            throw new IllegalArgumentException(
                    "a noisy sum has at least 1 coordinate and 1 share of noise, got " + dimension + " and " + shares);
        }
        if (!(l2Sensitivity > 0 && localSigma > 0 && l2Sensitivity * localSigma < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a sensitivity and a sigma are greater than 0 and finite, got "
                    + l2Sensitivity + " and " + localSigma);
        }
    }

    /** The parameter of the noise in the sum: {@code sqrt(shares) localSigma}. */
    public double centralSigma() {
        return Math.sqrt(shares) * localSigma;
    }

    /** Bound on the sum of absolute values of one rounded vector: of integers, so at most the sum of their squares. */
    public double l1Sensitivity() {
        return Math.min(Math.sqrt(dimension) * l2Sensitivity, l2Sensitivity * l2Sensitivity) * SLACK;
    }

    /**
     * {@code 10 sum over k = 1 .. shares - 1 of exp(-2 pi^2 localSigma^2 k / (k + 1))}: how far, in the exponent of each
     * coordinate, a sum of discrete Gaussians is from a discrete Gaussian, which it is not quite (the same, theorem 1). The
     * mechanism satisfies {@code epsilon^2 / 2} concentrated differential privacy with {@code epsilon^2 = min(l2^2 / central^2 +
     * tau d / 2, (l2 / central + tau sqrt(d))^2)}. Rounded up.
     */
    public double tau() {
        return tau(localSigma, shares) * SLACK;
    }

    /** The same of any number of shares, as computed: not rounded up. */
    public static double tau(double localSigma, int shares) {
        double sum = 0;
        for (int k = 1; k < shares; k++) {
            sum += Math.exp(-2 * Math.PI * Math.PI * localSigma * localSigma * k / (k + 1));
        }
        return 10 * sum;
    }

    /**
     * The multiplier of the plain Gaussian mechanism of which this release is a post-processing but for {@link
     * #gaussianDistance}: for accountants that know no discrete noise, or sub-sample.
     */
    public NoiseMultiplier gaussianMultiplier() {
        double central = shares * localSigma * localSigma;
        return new NoiseMultiplier(Math.sqrt(central - smoothing()) / l2Sensitivity / SLACK);
    }

    /**
     * How far the release is from such a post-processing: the samplers' distance for each share; for each coordinate and
     * each share after the first, what adding it to those before leaves (the convolution of {@link TableSampler} with k =
     * 1); and for each coordinate, what rounding a continuous Gaussian leaves ({@link FixedPointGaussian}). Negligible
     * from a local sigma of 4 on.
     */
    public StatisticalDistance gaussianDistance() {
        StatisticalDistance coordinate = TableSampler.smoothing(smoothing());
        for (int k = 1; k < shares; k++) {
            coordinate = coordinate.plus(TableSampler.smoothing(localSigma * localSigma * k / (k + 1)));
        }
        return coordinate.times(dimension).plus(samplersDistance.times(shares));
    }

    private double smoothing() {
        return Math.min(SMOOTHING_VARIANCE, shares * localSigma * localSigma / 2);
    }
}
