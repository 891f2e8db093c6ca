package dev.parley.privacy.update;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.parley.privacy.secagg.key.SecretSeed;

/**
 * An update that has passed the noise step and states which noise it carries. Only {@link ClippedUpdate#noise} makes
 * one. It still tells of its site; {@link #encode} is the way on.
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
     * Encodes the weighted update on the ring.
     *
     * @param rounding where the rounding's randomness comes from; used for one encoding ever
     * @throws IllegalArgumentException if the encoding is of another dimension, or bounded below this update's bound
     * @throws UnencodableUpdateException with a probability below 2^-39: the site leaves the round
     */
    public EncodedUpdate encode(UpdateEncoding encoding, SecretSeed rounding) {
        ParameterLayout layout = difference.layout();
        if (bound.value() > encoding.bound().value() || layout.size() != encoding.dimension()) {
            throw new IllegalArgumentException("the update has " + layout.size() + " values bounded by " + bound.value()
                    + " but the encoding is of " + encoding.dimension() + " values within "
                    + encoding.bound().value());
        }
        return new EncodedUpdate(layout.hash(), encoding.encode(difference, weight, rounding));
    }

    @Override
    public String toString() {
        return "NoisedUpdate[redacted, noise " + noise + "]";
    }
}
