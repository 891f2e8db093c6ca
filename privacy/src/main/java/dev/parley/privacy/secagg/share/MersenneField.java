package dev.parley.privacy.secagg.share;

/**
 * The field of integers modulo the Mersenne prime {@code p = 2^61 - 1}.
 *
 * <p>An element is a {@code long} in [0, p). Because {@code 2^61 = 1 (mod p)}, a product {@code 2^61 h + l} is reduced
 * by adding h to l, without division. No operation branches on, or indexes by, an element's value.
 */
final class MersenneField {
    static final int BITS = 61;
    static final long P = (1L << BITS) - 1;

    private MersenneField() {}

    /** Whether {@code value} is an element's one representative. */
    static boolean isCanonical(long value) {
        return value >= 0 && value < P;
    }

    static long add(long a, long b) {
        return reduceOnce(a + b);
    }

    static long subtract(long a, long b) {
        return reduceOnce(a + P - b);
    }

    static long multiply(long a, long b) {
        return reduceOnce(foldedProduct(a, b));
    }

    /**
     * {@code a b + c} modulo p, reduced only as far as the next call needs it: the step of Horner's rule.
     *
     * <p>With a below 2^62 + 2^24, b at most 2^16 and c below 2^61, the product is below 2^79, its high part below 2^18
     * and the result below 2^61 + 2^18 + 2^61: fit to be the next a.
     */
    static long hornerStep(long a, long b, long c) {
        return foldedProduct(a, b) + c;
    }

    /** The element that {@code value}, of at least 0, stands for. */
    static long reduce(long value) {
        return reduceOnce((value & P) + (value >>> BITS));
    }

    /**
     * The inverse of {@code a}, as {@code a^(p-2)} (Fermat).
     *
     * @param a not zero
     */
    static long inverse(long a) {
        // p - 2 = 2^61 - 3: every one of its 61 bits is set, except the second lowest.
        long power = 1;
        for (int bit = BITS - 1; bit >= 0; bit--) {
            power = multiply(power, power);
            if (bit != 1) {
                power = multiply(power, a);
            }
        }
        return power;
    }

    /** Below 2^61 + (a b >>> 61), congruent to a b. */
    private static long foldedProduct(long a, long b) {
        long low = a * b;
        long high = Math.multiplyHigh(a, b);
        return (low & P) + (high << (Long.SIZE - BITS) | low >>> BITS);
    }

    /** Takes p off once if {@code value}, below 2p, has it; the sign of the difference selects by mask. */
    private static long reduceOnce(long value) {
        long less = value - P;
        return less + (P & (less >> (Long.SIZE - 1)));
    }
}
