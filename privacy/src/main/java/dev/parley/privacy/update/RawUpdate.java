package dev.parley.privacy.update;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * What a site's training changed, as it came out of the optimiser. It identifies people. It has exactly one way on:
 * {@link #clip}.
 *
 * <p><b>Guarantees</b>: every value is finite. <b>Does not</b> bound anyone's influence; no type that crosses the wire
 * can be made from it directly.
 */
@CheckReturnValue
public final class RawUpdate {
    private final ParameterVector difference;
    private final ContributionWeight weight;

    private RawUpdate(ParameterVector difference, ContributionWeight weight) {
        this.difference = difference;
        this.weight = weight;
    }

    /**
     * The difference {@code after - before}.
     *
     * @throws NonFiniteUpdateException if training diverged: a value is NaN or infinite
     */
    public static RawUpdate between(ParameterVector before, ParameterVector after, ContributionWeight weight) {
        ParameterVector difference = after.minus(before);
        int bad = difference.firstNonFinite();
        if (bad >= 0) {
            throw new NonFiniteUpdateException(bad);
        }
        return new RawUpdate(difference, weight);
    }

    /** Scales the update down so that its Euclidean norm is at most {@code bound}; smaller ones pass unchanged. */
    public ClippedUpdate clip(ClipNorm bound) {
        double norm = difference.norm();
        if (norm <= bound.value()) {
            return new ClippedUpdate(difference, weight, bound, false);
        }
        double factor = bound.value() / norm;
        // Rounding the values to float32 may leave the norm a hair above the bound; step down until it is not.
        ParameterVector clipped = scaled(factor);
        while (clipped.norm() > bound.value()) {
            factor *= 1 - 0x1p-24;
            clipped = scaled(factor);
        }
        return new ClippedUpdate(clipped, weight, bound, true);
    }

    /** In double precision: a factor in float32 would vanish where a huge update meets a small bound. */
    private ParameterVector scaled(double factor) {
        float[] values = difference.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] * factor);
        }
        return ParameterVector.adopting(difference.layout(), values);
    }

    @Override
    public String toString() {
        return "RawUpdate[redacted]";
    }
}
