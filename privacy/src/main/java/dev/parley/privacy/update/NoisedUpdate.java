package dev.parley.privacy.update;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An update that has passed the noise step: it states which noise it carries, and holds where that comes from. Noise of the
 * ring is drawn when the ring is known, so an update with noise is encoded once. Only {@link ClippedUpdate#noise} makes
 * one. It still tells of its site; {@link #encode} is the way on.
 */
@CheckReturnValue
public final class NoisedUpdate {
    private final ParameterVector difference;
    private final ContributionWeight weight;
    private final ClipNorm bound;
    private final UpdateNoise noise;
    private final NoiseSource source;
    private final AtomicBoolean drawn = new AtomicBoolean();

    NoisedUpdate(
            ParameterVector difference,
            ContributionWeight weight,
            ClipNorm bound,
            UpdateNoise noise,
            NoiseSource source) {
        this.difference = difference;
        this.weight = weight;
        this.bound = bound;
        this.noise = noise;
        this.source = source;
    }

    public UpdateNoise noise() {
        return noise;
    }

    /**
     * Encodes the weighted update on the ring and adds the noise.
     *
     * @param rounding where the rounding's randomness comes from; used for one encoding ever. It hides nothing and may be
     *     known to others; the noise is drawn from its own source
     * @throws IllegalArgumentException if the encoding is of another dimension, bounded below this update's bound, or for
     *     other noise than this update carries
     * @throws IllegalStateException if noise is declared and was drawn before: two noisy forms of one update would be two
     *     releases
     * @throws UnencodableUpdateException without noise, with a probability below 2^-39: the site leaves the round
     */
    public EncodedUpdate encode(UpdateEncoding encoding, SecretSeed rounding) {
        ParameterLayout layout = difference.layout();
        if (bound.value() > encoding.bound().value() || layout.size() != encoding.dimension()) {
            throw new IllegalArgumentException("the update has " + layout.size() + " values bounded by " + bound.value()
                    + " but the encoding is of " + encoding.dimension() + " values within "
                    + encoding.bound().value());
        }
        if (!noise.equals(encoding.noise())) {
            throw new IllegalArgumentException("the update carries noise " + noise + " but the encoding has room for "
                    + encoding.noise() + ": both are what one plan declares");
        }
        if (!(noise instanceof UpdateNoise.None) && drawn.getAndSet(true)) {
            throw new IllegalStateException("the noise of this update has been drawn: a noised update is encoded once");
        }
        return new EncodedUpdate(layout.hash(), encoding.encode(difference, weight, rounding, source));
    }

    @Override
    public String toString() {
        return "NoisedUpdate[redacted, noise " + noise + "]";
    }
}
