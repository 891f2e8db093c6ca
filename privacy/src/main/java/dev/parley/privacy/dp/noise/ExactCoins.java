package dev.parley.privacy.dp.noise;

import java.math.BigInteger;

/** Coins whose probabilities are rational, or the exponential of a rational, exactly. */
final class ExactCoins {
    private final NoiseSource source;
    private long bits;
    private int bitsLeft;

    ExactCoins(NoiseSource source) {
        this.source = source;
    }

    boolean fair() {
        if (bitsLeft == 0) {
            bits = source.nextWord();
            bitsLeft = Long.SIZE;
        }
        boolean coin = (bits & 1) != 0;
        bits >>>= 1;
        bitsLeft--;
        return coin;
    }

    /** Uniform among 0 to {@code bound - 1}, by rejection. */
    BigInteger below(BigInteger bound) {
        if (bound.bitLength() < Long.SIZE) {
            return BigInteger.valueOf(below(bound.longValue()));
        }
        int length = bound.subtract(BigInteger.ONE).bitLength();
        int words = (length + Long.SIZE - 1) / Long.SIZE;
        while (true) {
            BigInteger drawn = BigInteger.ZERO;
            for (int i = 0; i < words; i++) {
                int wanted = Math.min(Long.SIZE, length - i * Long.SIZE);
                BigInteger word = new BigInteger(Long.toUnsignedString(source.nextWord() >>> Long.SIZE - wanted));
                drawn = drawn.shiftLeft(wanted).or(word);
            }
            if (drawn.compareTo(bound) < 0) {
                return drawn;
            }
        }
    }

    private long below(long bound) {
        // At bound 1 the shift is by 64, which Java takes for 0.
        if (bound == 1) {
            return 0;
        }
        int shift = Long.numberOfLeadingZeros(bound - 1);
        while (true) {
            long drawn = source.nextWord() >>> shift;
            if (drawn < bound) {
                return drawn;
            }
        }
    }

    /** True with probability {@code numerator / denominator}, between 0 and 1. */
    boolean bernoulli(BigInteger numerator, BigInteger denominator) {
        return below(denominator).compareTo(numerator) < 0;
    }

    /**
     * True with probability {@code exp(-numerator / denominator)} (Canonne, Kamath and Steinke 2020, algorithm 1).
     *
     * @param numerator at least 0
     * @param denominator at least 1
     */
    boolean exponential(BigInteger numerator, BigInteger denominator) {
        BigInteger[] wholeAndRest = numerator.divideAndRemainder(denominator);
        // Each tosses e^-1, and few get past the first; so the exponent may be large.
        for (BigInteger i = BigInteger.ZERO; i.compareTo(wholeAndRest[0]) < 0; i = i.add(BigInteger.ONE)) {
            if (!fraction(BigInteger.ONE, BigInteger.ONE)) {
                return false;
            }
        }
        return fraction(wholeAndRest[1], denominator);
    }

    /** For an exponent of at most 1: the parity of how far a run of coins g / 1, g / 2, g / 3, ... goes. */
    private boolean fraction(BigInteger numerator, BigInteger denominator) {
        long k = 1;
        while (bernoulli(numerator, denominator.multiply(BigInteger.valueOf(k)))) {
            k++;
        }
        return (k & 1) != 0;
    }
}
