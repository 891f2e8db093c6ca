package dev.parley.learning.multimodal;

import java.util.SplittableRandom;

/**
 * Nearly normal noise for augmentation: the sum of four uniform bytes, two values from each 64-bit draw. Its shape does
 * not matter here and its speed does; never use it for privacy.
 */
final class FastNoise {
    /** Four independent uniform bytes have variance {@code 4 (256^2 - 1) / 12}. */
    private static final double SUM_DEVIATION = Math.sqrt(4 * (256.0 * 256 - 1) / 12);

    private static final int SUM_MEAN = 510;

    private final float factor;
    private final SplittableRandom random;
    private long bits;
    private boolean half;

    FastNoise(double deviation, SplittableRandom random) {
        this.factor = (float) (deviation / SUM_DEVIATION);
        this.random = random;
    }

    float next() {
        if (factor == 0) {
            return 0;
        }
        half = !half;
        bits = half ? random.nextLong() : bits >>> 32;
        int sum = (int) (bits & 255) + (int) (bits >>> 8 & 255) + (int) (bits >>> 16 & 255) + (int) (bits >>> 24 & 255);
        return factor * (sum - SUM_MEAN);
    }
}
