package dev.parley.privacy.secagg.graph;

/**
 * How rarely a round may fail, over the draw of its graph. Every bound is a union bound: what happens is rarer.
 *
 * @param securityBits sigma: some member's contribution is exposed with probability at most 2^-securityBits
 * @param correctnessBits eta: the round cannot be completed with probability at most 2^-correctnessBits
 */
public record FailureTarget(int securityBits, int correctnessBits) {
    /** Exposure once in 2^40 rounds (10^12), a lost round once in 2^20 (10^6). */
    public static final FailureTarget STANDARD = new FailureTarget(40, 20);

    private static final int MOST_BITS = 256;

    public FailureTarget {
        if (securityBits < 1 || securityBits > MOST_BITS || correctnessBits < 1 || correctnessBits > MOST_BITS) {
            throw new IllegalArgumentException("security and correctness have 1 to " + MOST_BITS + " bits, got "
                    + securityBits + " and " + correctnessBits);
        }
    }
}
