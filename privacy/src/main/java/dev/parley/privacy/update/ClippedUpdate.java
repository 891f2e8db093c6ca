package dev.parley.privacy.update;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * An update whose Euclidean norm is at most {@link #bound()}. Only {@link RawUpdate#clip} makes one.
 *
 * <p><b>Guarantees</b>: norm at most the bound, every value finite. <b>Does not</b> hide a record: noise does.
 */
@CheckReturnValue
public final class ClippedUpdate {
    private final ParameterVector difference;
    private final ContributionWeight weight;
    private final ClipNorm bound;
    private final boolean wasClipped;

    ClippedUpdate(ParameterVector difference, ContributionWeight weight, ClipNorm bound, boolean wasClipped) {
        this.difference = difference;
        this.weight = weight;
        this.bound = bound;
        this.wasClipped = wasClipped;
    }

    public ClipNorm bound() {
        return bound;
    }

    /** Whether the bound was in force; a per-site fact, to be released only through a private statistic. */
    public boolean wasClipped() {
        return wasClipped;
    }

    /**
     * Passes the noise step with the noise that the plan declares.
     *
     * @param noise what the plan declares; {@link UpdateNoise.None} is a declaration too, shown to every site
     */
    public NoisedUpdate noise(UpdateNoise noise) {
        return switch (noise) {
            case UpdateNoise.None none -> new NoisedUpdate(difference, weight, bound, none);
        };
    }

    @Override
    public String toString() {
        return "ClippedUpdate[redacted, bound " + bound.value() + "]";
    }
}
