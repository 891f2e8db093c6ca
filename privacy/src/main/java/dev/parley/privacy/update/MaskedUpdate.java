package dev.parley.privacy.update;

import dev.parley.privacy.secagg.mask.MaskedRing;

/**
 * The only form in which an update crosses the wire: ring elements under a mask. Only {@link EncodedUpdate#mask} makes
 * one; at the coordinator its bytes go straight into a running sum.
 */
public final class MaskedUpdate {
    private final ContentHash layoutHash;
    private final MaskedRing ring;

    MaskedUpdate(ContentHash layoutHash, MaskedRing ring) {
        this.layoutHash = layoutHash;
        this.ring = ring;
    }

    public ContentHash layoutHash() {
        return layoutHash;
    }

    /** Number of ring elements: the layout's size and what the encoding needs for the weight. */
    public int length() {
        return ring.length();
    }

    /** What crosses the wire: the elements, packed. */
    public byte[] toBytes() {
        return ring.toBytes();
    }

    /** The masked elements, for a sum in this process. */
    public MaskedRing ring() {
        return ring;
    }

    @Override
    public String toString() {
        return "MaskedUpdate[" + ring + "]";
    }
}
