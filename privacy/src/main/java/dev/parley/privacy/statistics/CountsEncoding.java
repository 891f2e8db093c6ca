package dev.parley.privacy.statistics;

import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;

/**
 * Maps {@link EvaluationCounts} onto the integers modulo 2^32 and the sum of many sites' back to the counts of all their
 * records. Exact: nothing is rounded.
 *
 * <p>Each count is four limbs of 16 bits, least significant first. The sums of a limb over at most 2^16 sites stay below
 * 2^32 and are read as unsigned, carries and all, so no sum can wrap.
 *
 * @param classes of the task, 2 to {@value EvaluationCounts#MAX_CLASSES}
 * @param cohortLimit most sites whose counts may be added, 1 to 65,536
 */
public record CountsEncoding(int classes, int cohortLimit) {
    /** The ring on which counts are masked and summed. */
    public static final RingModulus MODULUS = new RingModulus(32);

    /** Most sites whose counts have a sum. */
    public static final int MOST_SITES = 1 << 16;

    private static final int LIMB_BITS = 16;
    private static final int LIMB_MASK = (1 << LIMB_BITS) - 1;
    private static final int LIMBS = Long.SIZE / LIMB_BITS;

    public CountsEncoding {
        EvaluationCounts.requireClasses(classes);
        if (cohortLimit < 1 || cohortLimit > MOST_SITES) {
            throw new IllegalArgumentException("the counts of 1 to 65,536 sites have a sum, got " + cohortLimit);
        }
    }

    /** Ring elements of one site's counts. */
    public int length() {
        return EvaluationCounts.size(classes) * LIMBS;
    }

    /**
     * One site's counts as ring elements in the clear.
     *
     * @throws IllegalArgumentException if the counts are of another number of classes
     */
    public EncodedRing encode(EvaluationCounts counts) {
        return EncodedRing.adopting(encodedElements(counts), MODULUS);
    }

    /**
     * Encodes and masks one site's counts: the only way to {@link MaskedCounts}.
     *
     * @throws IllegalArgumentException if the counts are of another number of classes
     * @throws IllegalStateException if the mask was used before
     */
    public MaskedCounts mask(EvaluationCounts counts, OneTimeMask mask) {
        return new MaskedCounts(classes, encode(counts).mask(mask));
    }

    int[] encodedElements(EvaluationCounts counts) {
        if (counts.classes() != classes) {
            throw new IllegalArgumentException(
                    "the encoding is of " + classes + " classes, the counts of " + counts.classes());
        }
        long[] values = counts.toLongs();
        int[] ring = new int[length()];
        for (int i = 0; i < values.length; i++) {
            for (int limb = 0; limb < LIMBS; limb++) {
                ring[i * LIMBS + limb] = (int) (values[i] >>> limb * LIMB_BITS) & LIMB_MASK;
            }
        }
        return ring;
    }

    /**
     * The counts behind a sum from which all masks have been taken off. What {@link EvaluationCounts#fromLongs} requires
     * of one site holds for the sum of honest ones; a sum of masks that do not cancel is practically always refused.
     *
     * @param sum {@link #length()} elements modulo 2^32, signed or not
     * @param contributions how many sites' counts are in it
     * @throws IllegalArgumentException if the length disagrees
     * @throws IllegalStateException if nothing was added, more than {@code cohortLimit} was added, all together have more
     *     than {@link EvaluationCounts#MAX_RECORDS}, or the sites cannot all have been honest
     */
    public EvaluationCounts decode(int[] sum, int contributions) {
        if (sum.length != length()) {
            throw new IllegalArgumentException(
                    "counts of " + classes + " classes have " + length() + " elements, got " + sum.length);
        }
        if (contributions < 1 || contributions > cohortLimit) {
            throw new IllegalStateException(
                    "no usable sum: counts of " + contributions + " sites, the encoding holds 1 to " + cohortLimit);
        }
        long[] counts = new long[sum.length / LIMBS];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = count(sum, i * LIMBS, contributions);
        }
        try {
            return EvaluationCounts.fromLongs(counts, classes);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("no usable sum: " + e.getMessage(), e);
        }
    }

    private static long count(int[] sum, int from, int contributions) {
        long most = (long) contributions * LIMB_MASK;
        long count = 0;
        long carry = 0;
        for (int limb = 0; limb < LIMBS; limb++) {
            long element = Integer.toUnsignedLong(sum[from + limb]);
            if (element > most) {
                throw new IllegalStateException("no usable sum: a limb has " + element + ", " + contributions
                        + " sites give at most " + most + ": masks do not cancel, or a site sent malformed counts");
            }
            carry += element;
            count |= (carry & LIMB_MASK) << limb * LIMB_BITS;
            carry >>>= LIMB_BITS;
        }
        if (carry != 0 || count < 0) {
            throw new IllegalStateException(
                    "no usable sum: a count exceeds 63 bits: masks do not cancel, or a site sent malformed counts");
        }
        return count;
    }
}
