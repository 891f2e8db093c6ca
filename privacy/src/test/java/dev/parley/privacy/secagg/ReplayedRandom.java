package dev.parley.privacy.secagg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.List;

/** Gives recorded bytes, then zeros: what was drawn when a vector was made is drawn again. */
final class ReplayedRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final transient ByteBuffer recorded;

    ReplayedRandom(byte[] recorded) {
        this.recorded = ByteBuffer.wrap(recorded.clone());
    }

    /** Draws that give these coefficients, each five little-endian words: a field element is the upper 61 bits of a word. */
    static ReplayedRandom ofCoefficients(List<byte[]> coefficients) {
        ByteBuffer drawn = ByteBuffer.allocate(coefficients.size() * 40).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] coefficient : coefficients) {
            ByteBuffer words = ByteBuffer.wrap(coefficient).order(ByteOrder.LITTLE_ENDIAN);
            while (words.hasRemaining()) {
                drawn.putLong(words.getLong() << 3);
            }
        }
        return new ReplayedRandom(drawn.array());
    }

    @Override
    public synchronized void nextBytes(byte[] bytes) {
        recorded.get(bytes, 0, Math.min(bytes.length, recorded.remaining()));
    }
}
