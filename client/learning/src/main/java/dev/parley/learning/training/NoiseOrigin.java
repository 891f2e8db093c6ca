package dev.parley.learning.training;

import dev.parley.privacy.dp.noise.NoiseSource;
import java.security.SecureRandom;

/**
 * Where a round's secret randomness comes from: the noise, who is sampled, and the seeds of dropout and augmentation.
 */
@FunctionalInterface
public interface NoiseOrigin {
    /** A fresh key of the platform's strong generator for every round; what the caller derives its seeds from plays no part. */
    NoiseOrigin SECURE = seed -> NoiseSource.keyedFrom(new SecureRandom());

    /** @param seed the round's seed, which others may know; only a simulation may use it */
    NoiseSource forRound(long seed);
}
