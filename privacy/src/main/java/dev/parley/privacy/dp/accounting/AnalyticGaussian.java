package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NoiseMultiplier;

/**
 * The Gaussian mechanism's exact trade between epsilon and delta (Balle and Wang 2018, theorem 8): no accountant does
 * better, and none that is sound does worse than nothing.
 */
public final class AnalyticGaussian {
    /** Steps of a bisection in doubles: 64 exponents and mantissas halved leave neighbours. */
    private static final int BISECTIONS = 200;

    private AnalyticGaussian() {}

    /** The least delta at which one Gaussian release has this epsilon. */
    public static Delta delta(NoiseMultiplier noise, Epsilon epsilon) {
        return new Delta(delta(noise.value(), epsilon.value()));
    }

    static double delta(double sigma, double epsilon) {
        if (epsilon == Double.POSITIVE_INFINITY) {
            return 0;
        }
        double near = epsilon * sigma - 0.5 / sigma;
        double far = epsilon * sigma + 0.5 / sigma;
        // e^epsilon times the density at far is the density at near, so both terms have it as a factor.
        double excess = near > -5
                ? Math.exp(GaussianTail.logDensity(near))
                        * (GaussianTail.millsRatio(near) - GaussianTail.millsRatio(far))
                : GaussianTail.below(-near) - Math.exp(GaussianTail.logDensity(near)) * GaussianTail.millsRatio(far);
        return Math.clamp(excess, 0, 1);
    }

    /** The least epsilon of one Gaussian release at this delta. */
    public static Epsilon epsilon(NoiseMultiplier noise, Delta delta) {
        return delta.value() == 0 ? Epsilon.UNBOUNDED : new Epsilon(epsilon(noise.value(), delta.value()));
    }

    static double epsilon(double sigma, double delta) {
        if (delta(sigma, 0) <= delta) {
            return 0;
        }
        double low = 0;
        double high = 1;
        while (delta(sigma, high) > delta) {
            low = high;
            high *= 2;
        }
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high) {
                break;
            }
            if (delta(sigma, middle) > delta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /**
     * The least noise with which one Gaussian release has this epsilon and delta.
     *
     * @throws IllegalArgumentException for delta 0 or 1, or an unbounded epsilon
     */
    public static NoiseMultiplier noise(Epsilon epsilon, Delta delta) {
        if (delta.value() == 0 || delta.value() == 1 || !epsilon.isBounded()) {
            throw new IllegalArgumentException(
                    "Gaussian noise needs a bounded epsilon and a delta strictly between 0 and 1," + " got epsilon "
                            + epsilon.value() + " and delta " + delta.value());
        }
        double low = 1e-9;
        double high = 1e9;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = Math.sqrt(low * high);
            if (middle <= low || middle >= high) {
                break;
            }
            if (delta(middle, epsilon.value()) > delta.value()) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return new NoiseMultiplier(high);
    }
}
