package dev.parley.privacy.secagg.mask;

/**
 * Ring elements without gaps: element k occupies bits {@code k b} to {@code (k + 1) b - 1} of a bit string whose bit i is
 * bit {@code i mod 8} (from the least significant) of byte {@code i / 8}. The last byte is filled up with zeros.
 */
final class BitPacking {
    private BitPacking() {}

    static byte[] pack(int[] ring, RingModulus modulus) {
        int bits = modulus.bits();
        byte[] packed = new byte[modulus.packedSizeBytes(ring.length)];
        long low = (1L << bits) - 1;
        long pending = 0;
        int filled = 0;
        int at = 0;
        for (int element : ring) {
            pending |= (element & low) << filled;
            filled += bits;
            while (filled >= Byte.SIZE) {
                packed[at++] = (byte) pending;
                pending >>>= Byte.SIZE;
                filled -= Byte.SIZE;
            }
        }
        if (filled > 0) {
            packed[at] = (byte) pending;
        }
        return packed;
    }
}
