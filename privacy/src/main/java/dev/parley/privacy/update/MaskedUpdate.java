package dev.parley.privacy.update;

import dev.parley.privacy.secagg.mask.MaskedRing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The only form in which an update crosses the wire: ring elements under a mask. Only {@link EncodedUpdate#mask} makes
 * one; at the coordinator its bytes go straight into a running sum.
 *
 * <p>Until every caller masks, {@link NoisedUpdate#mask} makes one of another form: without a mask, for {@link UpdateSum}.
 */
public final class MaskedUpdate {
    private final ContentHash layoutHash;
    private final Form form;

    /** What the update consists of. */
    private sealed interface Form {
        int length();

        byte[] toBytes();
    }

    private record Masked(MaskedRing ring) implements Form {
        @Override
        public int length() {
            return ring.length();
        }

        @Override
        public byte[] toBytes() {
            return ring.toBytes();
        }
    }

    private record Unmasked(int[] ring, UpdateMasking masking) implements Form {
        @Override
        public int length() {
            return ring.length;
        }

        @Override
        public byte[] toBytes() {
            ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(ring.length, Integer.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(ring);
            return bytes.array();
        }
    }

    MaskedUpdate(ContentHash layoutHash, MaskedRing ring) {
        this.layoutHash = layoutHash;
        this.form = new Masked(ring);
    }

    MaskedUpdate(ContentHash layoutHash, int[] ring, UpdateMasking masking) {
        this.layoutHash = layoutHash;
        this.form = new Unmasked(ring, masking);
    }

    public ContentHash layoutHash() {
        return layoutHash;
    }

    /** Number of ring elements: the layout's size and what the encoding needs for the weight. */
    public int length() {
        return form.length();
    }

    /**
     * What crosses the wire: the elements of {@link #ring()} packed; unmasked ones as little-endian 32-bit words.
     */
    public byte[] toBytes() {
        return form.toBytes();
    }

    /**
     * The masked elements, for a sum in this process.
     *
     * @throws IllegalStateException if this update is unmasked
     */
    public MaskedRing ring() {
        return switch (form) {
            case Masked masked -> masked.ring();
            case Unmasked unmasked -> throw new IllegalStateException("the update has masking " + unmasked.masking());
        };
    }

    /** @throws IllegalStateException if this update is masked */
    public UpdateMasking masking() {
        return unmasked().masking();
    }

    int[] shared() {
        return unmasked().ring();
    }

    private Unmasked unmasked() {
        return switch (form) {
            case Masked masked -> throw new IllegalStateException("the update is masked: " + masked.ring());
            case Unmasked unmasked -> unmasked;
        };
    }

    @Override
    public String toString() {
        return switch (form) {
            case Masked masked -> "MaskedUpdate[" + masked.ring() + "]";
            case Unmasked unmasked ->
                "MaskedUpdate[" + length() + " ring elements, masking " + unmasked.masking() + "]";
        };
    }
}
