package dev.parley.sim.world;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/**
 * A tree of independent random streams below one seed. A stream depends on the seed and on its path from the root only,
 * so what one part draws never moves another part's draws.
 *
 * @param path names from the root, each followed by a slash
 */
record RandomStreams(long seed, String path) {
    static RandomStreams of(long seed) {
        return new RandomStreams(seed, "");
    }

    RandomStreams at(String name) {
        return new RandomStreams(seed, path + name + "/");
    }

    /** A fresh stream for one purpose; the same every time. */
    SplittableRandom random(String purpose) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).flip());
            byte[] hash = digest.digest((path + purpose).getBytes(StandardCharsets.UTF_8));
            return new SplittableRandom(ByteBuffer.wrap(hash).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
