package dev.parley.privacy.update;

import dev.parley.privacy.secagg.mask.RingModulus;

/**
 * A contribution's weight as limbs, each a ring element, least significant first. A weight is 1 to 2^24 steps, which
 * needs 25 bits; a limb is as wide as the sum over a full cohort can be without wrapping, read as unsigned.
 *
 * @param modulus the ring
 * @param bits bits of one limb, 1 to 25
 */
record WeightLimbs(RingModulus modulus, int bits) {
    /** Steps of the weight 1. */
    static final int STEPS = 1 << 24;

    private static final int WEIGHT_BITS = 25;

    /** The widest limbs of which {@code cohortLimit} can be added; at least 2 bits for a quarter of the ring. */
    static WeightLimbs widest(RingModulus modulus, int cohortLimit) {
        long most = (modulus.size() - 1) / cohortLimit;
        int bits = Long.SIZE - 1 - Long.numberOfLeadingZeros(most + 1);
        return new WeightLimbs(modulus, Math.min(bits, WEIGHT_BITS));
    }

    int count() {
        return (WEIGHT_BITS + bits - 1) / bits;
    }

    /** The weight in whole steps; a weight below one step counts as one, so that no site counts for nothing. */
    static int steps(ContributionWeight weight) {
        return (int) Math.max(1, Math.round(weight.value() * STEPS));
    }

    void put(int steps, int[] ring, int from) {
        for (int limb = 0; limb < count(); limb++) {
            ring[from + limb] = steps >>> limb * bits & mask();
        }
    }

    /**
     * The sum of the weights in steps.
     *
     * @throws IllegalStateException if {@code contributions} honest sites cannot have sent what was summed
     */
    long sum(int[] sum, int from, int contributions) {
        long total = 0;
        boolean honest = true;
        for (int limb = 0; limb < count(); limb++) {
            long element = sum[from + limb] & modulus.size() - 1;
            honest &= element <= (long) contributions * mask();
            // At most 2^32 shifted by at most 24 bits, and fewer than 2^5 limbs.
            total += element << limb * bits;
        }
        if (!honest || total < contributions || total > (long) contributions * STEPS) {
            throw new IllegalStateException("no usable sum: the weights sum to " + total + " steps of 2^-24, "
                    + contributions + " contributions give " + contributions + " to " + (long) contributions * STEPS
                    + ": masks do not cancel, or a member sent a malformed weight");
        }
        return total;
    }

    private int mask() {
        return (1 << bits) - 1;
    }
}
