package dev.parley.privacy.update;

import dev.parley.privacy.dp.NoiseMultiplier;

/**
 * The noise that a federation's plan declares for an update. It is part of the signed plan, so every site sees it and
 * may refuse.
 */
public sealed interface UpdateNoise {
    /** No noise: the federation makes no differential-privacy claim, and reports a null epsilon. */
    record None() implements UpdateNoise {}

    /**
     * Site-level differential privacy without a trusted adder: each site adds a share of discrete Gaussian noise to its
     * rounded update before the mask, such that {@code shares} of them together already are the whole noise (Kairouz, Liu
     * and Steinke 2021). What more sites add is to spare.
     *
     * @param multiplier standard deviation of {@code shares} sites' noise over the norm that one rounded update may have
     *     ({@link UpdateEncoding#roundedNormBound})
     * @param shares the dropout floor: how many honest sites' noise is surely in a sum that is opened. A site accepts at most
     *     its own floor, minimum survivors less colluding members
     */
    record DistributedGaussian(NoiseMultiplier multiplier, int shares) implements UpdateNoise {
        public DistributedGaussian {
            if (shares < 1) {
                throw new IllegalArgumentException(
                        "noise is the work of at least 1 honest site, got " + shares + " shares");
            }
        }
    }
}
