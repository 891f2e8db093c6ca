package dev.parley.privacy.update;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.parley.privacy.dp.noise.NoiseSource;

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
     * @param source where the noise comes from, used by nobody else; of no use where none is declared
     * @throws IllegalArgumentException if noise is declared and the weight is not 1: weights are summed in the clear, and
     *     what noise covers is an update and not a weight
     */
    public NoisedUpdate noise(UpdateNoise noise, NoiseSource source) {
        return switch (noise) {
            case UpdateNoise.None none -> new NoisedUpdate(difference, weight, bound, none, source);
            case UpdateNoise.DistributedGaussian gaussian -> {
                if (weight.value() != 1) {
                    throw new IllegalArgumentException("under noise that hides a site every site weighs 1, got "
                            + weight.value() + ": its number of examples would show; set the example cap to 1");
                }
                yield new NoisedUpdate(difference, weight, bound, gaussian, source);
            }
        };
    }

    @Override
    public String toString() {
        return "ClippedUpdate[redacted, bound " + bound.value() + "]";
    }
}
