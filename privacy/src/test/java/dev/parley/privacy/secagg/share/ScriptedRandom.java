package dev.parley.privacy.secagg.share;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;

/** Draws the 64-bit words of a script, little-endian, and zeros after them: a test's way to choose coefficients. */
final class ScriptedRandom extends SecureRandom {
    private final transient ByteBuffer script;

    ScriptedRandom(long... words) {
        script = ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        script.asLongBuffer().put(words);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        Arrays.fill(bytes, (byte) 0);
        script.get(bytes, 0, Math.min(bytes.length, script.remaining()));
    }
}
