package dev.parley.rounds;

import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.mask.RingModulus;

/**
 * How every round of a federation is masked; a round's own terms follow from the size of its cohort.
 *
 * @param modulus for updates of training rounds. The statistics round always takes 32 bits: moments that were rounded
 *     coarsely would be wrong for the whole federation
 * @param colluding members that may work together with the coordinator, 0 to 1,000. It raises the threshold: with 0 more than
 *     half of the members must stay to open a sum
 */
public record MaskingRule(RingModulus modulus, int colluding) {
    private static final RingModulus STATISTICS = new RingModulus(RingModulus.MOST_BITS);
    private static final int MOST_COLLUDING = 1000;

    public MaskingRule {
        if (colluding < 0 || colluding > MOST_COLLUDING) {
            throw new IllegalArgumentException("0 to 1,000 members may collude, got " + colluding);
        }
    }

    UpdateMasking of(Task task, int members) {
        return new UpdateMasking(
                switch (task) {
                    case Task.AgreeStatistics statistics -> STATISTICS;
                    case Task.Train train -> modulus;
                },
                terms(members));
    }

    SecureSumTerms terms(int members) {
        return SecureSumTerms.full(members, colluding);
    }

    /**
     * With at least two members beside those that collude, the threshold can be reached, and every opened sum has at least
     * two honest updates in it: an honest one alone would be shown by what the colluding members know of theirs.
     *
     * @throws IllegalArgumentException if a cohort of the rule's smallest size has fewer
     */
    void requireFits(CohortRule cohort) {
        if (cohort.minimum() < colluding + 2) {
            throw new IllegalArgumentException("with " + colluding + " colluding members a round of "
                    + cohort.minimum() + " sites may sum up a single honest update: raise the cohort's minimum to "
                    + (colluding + 2) + " or more, or lower the number that may collude");
        }
    }
}
