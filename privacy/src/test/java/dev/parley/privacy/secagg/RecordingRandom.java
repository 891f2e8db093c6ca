package dev.parley.privacy.secagg;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/** Draws from another generator and remembers every draw, so that a vector can say what was drawn. */
final class RecordingRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final transient SecureRandom drawn;
    private final transient List<byte[]> draws = new ArrayList<>();

    RecordingRandom(SecureRandom drawn) {
        this.drawn = drawn;
    }

    @Override
    public synchronized void nextBytes(byte[] bytes) {
        drawn.nextBytes(bytes);
        draws.add(bytes.clone());
    }

    /** The {@code index}-th draw. */
    synchronized byte[] draw(int index, int sizeBytes) {
        byte[] draw = draws.get(index);
        if (draw.length != sizeBytes) {
            throw new IllegalStateException("draw " + index + " has " + draw.length + " bytes, not " + sizeBytes);
        }
        return draw.clone();
    }

    synchronized void forget() {
        draws.clear();
    }
}
