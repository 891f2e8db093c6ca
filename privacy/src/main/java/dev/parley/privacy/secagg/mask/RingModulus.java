package dev.parley.privacy.secagg.mask;

/**
 * The integers modulo 2^bits in which vectors are masked and summed. In memory an element is an {@code int} whose low
 * {@code bits} bits count; sums are formed modulo 2^32, which every 2^bits divides, and reduced when they are read.
 *
 * @param bits 12 to 32
 */
public record RingModulus(int bits) {
    public static final int LEAST_BITS = 12;
    public static final int MOST_BITS = 32;

    public RingModulus {
        if (bits < LEAST_BITS || bits > MOST_BITS) {
            throw new IllegalArgumentException("a ring modulus has 12 to 32 bits, got " + bits);
        }
    }

    /** The element's representative in [-2^(bits-1), 2^(bits-1)). */
    public int centred(int element) {
        int unused = MOST_BITS - bits;
        return element << unused >> unused;
    }

    /** Number of elements. */
    public long size() {
        return 1L << bits;
    }

    /** Bytes of {@code length} elements packed without gaps, the last byte filled up with zero bits. */
    public int packedSizeBytes(int length) {
        return Math.toIntExact(((long) length * bits + 7) / 8);
    }
}
