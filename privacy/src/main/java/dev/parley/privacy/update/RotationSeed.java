package dev.parley.privacy.update;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where the signs of a round's rotation come from: 32 public bytes, the same at every site, derived from what names the
 * round so that no two rounds rotate alike.
 *
 * @param digest SHA-256 over the round's identity; its bytes key AES-256-CTR and nothing else
 */
public record RotationSeed(ContentHash digest) {
    /** The seed of one attempt at one round. */
    public static RotationSeed ofRound(String federation, long seed, int round, int attempt) {
        byte[] name = federation.getBytes(StandardCharsets.UTF_8);
        byte[] label = "parley-rotation-v1\0".getBytes(StandardCharsets.US_ASCII);
        return new RotationSeed(
                ContentHash.of(ByteBuffer.allocate(label.length + Long.BYTES + 2 * Integer.BYTES + name.length)
                        .put(label)
                        .putLong(seed)
                        .putInt(round)
                        .putInt(attempt)
                        .put(name)
                        .array()));
    }
}
