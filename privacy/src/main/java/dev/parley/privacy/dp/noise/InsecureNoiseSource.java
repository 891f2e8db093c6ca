package dev.parley.privacy.dp.noise;

import java.nio.ByteBuffer;

/**
 * The one door to noise that can be foretold: for tests, and for a simulator's runs over invented records, which must
 * repeat bit for bit. <b>It protects nothing</b>: who knows the seed subtracts the noise. An architecture test refuses it
 * everywhere else.
 */
public final class InsecureNoiseSource {
    private InsecureNoiseSource() {}

    /** The same words for the same seed, on every machine. */
    public static NoiseSource replaying(long seed) {
        return NoiseSource.wiping(ByteBuffer.allocate(32).putLong(seed).array());
    }
}
