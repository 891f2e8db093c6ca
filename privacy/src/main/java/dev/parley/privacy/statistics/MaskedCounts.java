package dev.parley.privacy.statistics;

import dev.parley.privacy.secagg.mask.MaskedRing;

/**
 * One site's evaluation counts under a mask: the form in which they may cross the wire. Only {@link CountsEncoding#mask}
 * makes one.
 */
public final class MaskedCounts {
    private final int classes;
    private final MaskedRing ring;

    MaskedCounts(int classes, MaskedRing ring) {
        this.classes = classes;
        this.ring = ring;
    }

    public int classes() {
        return classes;
    }

    /** The masked elements, for a sum in this process. */
    public MaskedRing ring() {
        return ring;
    }

    /** The elements packed: little-endian 32-bit words. */
    public byte[] toBytes() {
        return ring.toBytes();
    }

    @Override
    public String toString() {
        return "MaskedCounts[" + classes + " classes, " + ring + "]";
    }
}
