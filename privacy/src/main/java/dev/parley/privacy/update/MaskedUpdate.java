package dev.parley.privacy.update;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The only form in which an update crosses the wire: ring elements, and a statement of the masking applied. Only
 * {@link NoisedUpdate#mask} makes one; at the coordinator its bytes go straight into an {@link UpdateSum}.
 */
public final class MaskedUpdate {
    private final ContentHash layoutHash;
    private final int[] ring;
    private final UpdateMasking masking;

    MaskedUpdate(ContentHash layoutHash, int[] ring, UpdateMasking masking) {
        this.layoutHash = layoutHash;
        this.ring = ring;
        this.masking = masking;
    }

    public ContentHash layoutHash() {
        return layoutHash;
    }

    public UpdateMasking masking() {
        return masking;
    }

    /** Number of ring elements: the layout's size plus one for the weight. */
    public int length() {
        return ring.length;
    }

    /** The ring elements as little-endian 32-bit words, {@code 4 * length()} bytes. */
    public byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(ring.length, Integer.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(ring);
        return bytes.array();
    }

    int[] shared() {
        return ring;
    }

    @Override
    public String toString() {
        return "MaskedUpdate[" + ring.length + " ring elements, masking " + masking + "]";
    }
}
