package dev.parley.privacy.secagg.mask;

/** A masked vector, packed: uniform to everyone who lacks one of its seeds. {@link EncodedRing#mask} makes it. */
public final class MaskedRing {
    private final RingModulus modulus;
    private final int length;
    private final byte[] packed;

    private MaskedRing(RingModulus modulus, int length, byte[] packed) {
        this.modulus = modulus;
        this.length = length;
        this.packed = packed;
    }

    static MaskedRing adopting(int[] ring, RingModulus modulus) {
        return new MaskedRing(modulus, ring.length, BitPacking.pack(ring, modulus));
    }

    public RingModulus modulus() {
        return modulus;
    }

    public int length() {
        return length;
    }

    /** The elements packed as {@link BitPacking} says: {@code modulus().packedSizeBytes(length())} bytes. */
    public byte[] toBytes() {
        return packed.clone();
    }

    byte[] shared() {
        return packed;
    }

    @Override
    public String toString() {
        return "MaskedRing[" + length + " elements of " + modulus.bits() + " bits]";
    }
}
