package dev.parley.privacy.secagg.mask;

/**
 * Ring elements without gaps: element k occupies bits {@code k b} to {@code (k + 1) b - 1} of a bit string whose bit i is
 * bit {@code i mod 8} (from the least significant) of byte {@code i / 8}. The last byte is filled up with zeros.
 *
 * <p>Eight elements are b bytes, so every eighth element begins a byte: whole groups of {@value #GROUP_ELEMENTS} are
 * handled by wide loops, what is left over one by one. Unpacking goes in three passes over a tile in the first-level
 * cache, because the compiler makes vector instructions of each alone and of none of them together: gather 64 bits for
 * every two elements (scalar), spread them to two 32-bit lanes, add the lanes. A lane keeps the bits above the element
 * that happen to be there: sums are modulo 2^32 and read modulo 2^b, and carries only go up.
 */
final class BitPacking {
    /** The least number of elements that fill bytes whatever b is. */
    static final int GROUP_ELEMENTS = 8;

    /** Elements unpacked at a time: a multiple of {@value #GROUP_ELEMENTS}. */
    static final int TILE_ELEMENTS = 2048;

    /** A wide load may read this many bytes past the packed ones. */
    static final int SLACK_BYTES = Long.BYTES;

    private static final int LANES_BYTES = TILE_ELEMENTS * Integer.BYTES;

    /** Two elements and the 6 bits before them fit in 64 bits up to here. */
    private static final int WIDEST_PAIR_BITS = 29;

    private BitPacking() {}

    static byte[] pack(int[] ring, RingModulus modulus) {
        int bits = modulus.bits();
        byte[] packed = new byte[modulus.packedSizeBytes(ring.length)];
        if (bits == Integer.SIZE) {
            copyWords(ring, packed);
            return packed;
        }
        int done = bits % 4 == 0 ? packBytePairs(ring, bits, packed) : 0;
        packFrom(done, ring, bits, packed);
        return packed;
    }

    private static void copyWords(int[] ring, byte[] packed) {
        for (int i = 0; i < ring.length; i++) {
            Words.INT.set(packed, i << 2, ring[i]);
        }
    }

    /** When two elements fill bytes: each store's empty upper bytes are overwritten by the next one's. */
    private static int packBytePairs(int[] ring, int bits, byte[] packed) {
        if (packed.length < Long.BYTES) {
            return 0;
        }
        long low = (1L << bits) - 1;
        int pairBytes = bits / 4;
        int pairs = Math.min(ring.length / 2, (packed.length - Long.BYTES) / pairBytes + 1);
        for (int i = 0, at = 0; i < pairs; i++, at += pairBytes) {
            Words.LONG.set(packed, at, (ring[2 * i] & low) | (ring[2 * i + 1] & low) << bits);
        }
        return 2 * pairs;
    }

    /** Elements from {@code start} on, which begins a byte, through a 64-bit window. */
    private static void packFrom(int start, int[] ring, int bits, byte[] packed) {
        long low = (1L << bits) - 1;
        long pending = 0;
        int filled = 0;
        int at = Math.toIntExact((long) start * bits / Byte.SIZE);
        for (int i = start; i < ring.length; i++) {
            long element = ring[i] & low;
            pending |= element << filled;
            filled += bits;
            if (filled >= Long.SIZE) {
                Words.LONG.set(packed, at, pending);
                at += Long.BYTES;
                filled -= Long.SIZE;
                pending = element >>> (bits - filled);
            }
        }
        for (; filled > 0; filled -= Byte.SIZE, pending >>>= Byte.SIZE) {
            packed[at++] = (byte) pending;
        }
    }

    /** Scratch memory for {@link #addGroups}. */
    static byte[] newLanes() {
        return new byte[LANES_BYTES];
    }

    /**
     * Adds {@code count} elements, packed from the first byte of {@code packed} on, onto {@code sum} from {@code at} on.
     *
     * @param count a multiple of {@value #GROUP_ELEMENTS}, at most {@value #TILE_ELEMENTS}
     * @param packed with {@value #SLACK_BYTES} bytes to spare after the elements
     * @param lanes from {@link #newLanes}
     */
    static void addGroups(byte[] packed, int bits, int count, int[] sum, int at, byte[] lanes) {
        if (bits == Integer.SIZE) {
            Words.add(packed, 0, sum, at, count);
            return;
        }
        if (bits == 20) {
            gather20(packed, count / 2, lanes);
            spread(lanes, count / 2, bits);
        } else if (bits <= WIDEST_PAIR_BITS || bits == 30) {
            gather(packed, bits, count / GROUP_ELEMENTS, lanes);
            spread(lanes, count / 2, bits);
        } else {
            gatherSingly(packed, bits, count, lanes);
        }
        Words.add(lanes, 0, sum, at, count);
    }

    /** A constant stride lets the compiler drop the bounds checks and unroll, for the width most used. */
    private static void gather20(byte[] packed, int pairs, byte[] lanes) {
        for (int i = 0; i < pairs; i++) {
            Words.LONG.set(lanes, i << 3, (long) Words.LONG.get(packed, i * 5));
        }
    }

    private static void gather(byte[] packed, int bits, int groups, byte[] lanes) {
        int second = 2 * bits >>> 3;
        int third = 4 * bits >>> 3;
        int fourth = 6 * bits >>> 3;
        int secondShift = 2 * bits & 7;
        int thirdShift = 4 * bits & 7;
        int fourthShift = 6 * bits & 7;
        for (int g = 0, at = 0; g < groups; g++, at += bits) {
            long w0 = (long) Words.LONG.get(packed, at);
            long w1 = (long) Words.LONG.get(packed, at + second) >>> secondShift;
            long w2 = (long) Words.LONG.get(packed, at + third) >>> thirdShift;
            long w3 = (long) Words.LONG.get(packed, at + fourth) >>> fourthShift;
            Words.LONG.set(lanes, g << 5, w0);
            Words.LONG.set(lanes, (g << 5) + 8, w1);
            Words.LONG.set(lanes, (g << 5) + 16, w2);
            Words.LONG.set(lanes, (g << 5) + 24, w3);
        }
    }

    /** From two neighbouring elements in 64 bits to one in each half. */
    private static void spread(byte[] lanes, int pairs, int bits) {
        for (int i = 0; i < pairs; i++) {
            long pair = (long) Words.LONG.get(lanes, i << 3);
            Words.LONG.set(lanes, i << 3, (pair & 0xFFFF_FFFFL) | (pair >>> bits) << Integer.SIZE);
        }
    }

    private static void gatherSingly(byte[] packed, int bits, int count, byte[] lanes) {
        for (int i = 0; i < count; i++) {
            Words.INT.set(lanes, i << 2, element(packed, bits, i));
        }
    }

    /**
     * Element {@code index}, in the low bits; above them is what happens to follow.
     *
     * @param packed with {@value #SLACK_BYTES} bytes to spare after the elements
     */
    static int element(byte[] packed, int bits, int index) {
        int bit = index * bits;
        return (int) ((long) Words.LONG.get(packed, bit >>> 3) >>> (bit & 7));
    }
}
