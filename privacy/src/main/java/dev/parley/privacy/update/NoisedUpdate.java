package dev.parley.privacy.update;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * An update that has passed the noise step and states which noise it carries. Only {@link ClippedUpdate#noise} makes
 * one. It still names its site; {@link #mask} is the last step before the wire.
 */
@CheckReturnValue
public final class NoisedUpdate {
    private final ParameterVector difference;
    private final ContributionWeight weight;
    private final ClipNorm bound;
    private final UpdateNoise noise;

    NoisedUpdate(ParameterVector difference, ContributionWeight weight, ClipNorm bound, UpdateNoise noise) {
        this.difference = difference;
        this.weight = weight;
        this.bound = bound;
        this.noise = noise;
    }

    public UpdateNoise noise() {
        return noise;
    }

    /**
     * Encodes the weighted update on the fixed-point ring and applies the masks that the plan declares.
     *
     * @throws IllegalArgumentException if the encoding's range is smaller than this update's bound
     */
    public MaskedUpdate mask(FixedPointEncoding encoding, UpdateMasking masking) {
        if (bound.value() > encoding.bound().value()) {
            throw new IllegalArgumentException("the update is bounded by " + bound.value()
                    + " but the encoding holds only " + encoding.bound().value());
        }
        int[] ring = encoding.encode(difference, weight);
        return switch (masking) {
            case UpdateMasking.None none -> new MaskedUpdate(difference.layout().hash(), ring, none);
        };
    }

    @Override
    public String toString() {
        return "NoisedUpdate[redacted, noise " + noise + "]";
    }
}
