package dev.parley.rounds;

import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.graph.AttackModel;
import dev.parley.privacy.secagg.graph.FailureTarget;
import dev.parley.privacy.secagg.graph.GraphParameters;
import dev.parley.privacy.secagg.graph.GraphRequirements;
import dev.parley.privacy.secagg.graph.GroupedGraph;
import dev.parley.privacy.secagg.graph.MemberFraction;
import dev.parley.privacy.secagg.mask.RingModulus;

/**
 * How every round of a federation is masked; a round's own terms follow from the size of its cohort. Up to
 * {@value #MOST_FULL} members everyone masks with everyone; beyond, each with as many as {@link GraphParameters} finds.
 *
 * @param modulus for updates of training rounds. The statistics round always takes 32 bits: moments that were rounded
 *     coarsely would be wrong for the whole federation
 * @param colluding members that may work together with the coordinator, 0 to 1,000. It raises the threshold: with 0 more than
 *     half of the members must stay to open a sum
 * @param robust whether training rounds sum in groups
 */
public record MaskingRule(RingModulus modulus, int colluding, RobustRule robust) {
    /** Largest cohort in which everyone masks with everyone. */
    public static final int MOST_FULL = 200;

    private static final RingModulus STATISTICS = new RingModulus(RingModulus.MOST_BITS);
    private static final int MOST_COLLUDING = 1000;
    /** Members that may be lost before a sparse graph's round fails. */
    private static final MemberFraction LOST = new MemberFraction(0.1);

    public MaskingRule {
        if (colluding < 0 || colluding > MOST_COLLUDING) {
            throw new IllegalArgumentException("0 to 1,000 members may collude, got " + colluding);
        }
    }

    /** One sum over everyone. */
    public MaskingRule(RingModulus modulus, int colluding) {
        this(modulus, colluding, new RobustRule.None());
    }

    /** Of a round with so many members. */
    public UpdateMasking of(Task task, int members) {
        return switch (task) {
            case Task.AgreeStatistics statistics -> new UpdateMasking(STATISTICS, terms(members));
            case Task.Train train ->
                new UpdateMasking(
                        modulus,
                        switch (robust) {
                            case RobustRule.None none -> terms(members);
                            case RobustRule.Groups groups ->
                                SecureSumTerms.grouped(members, colluding, groups(members, groups.count()));
                        });
        };
    }

    /** A cohort that has become smaller is cut into fewer groups rather than into smaller ones than planned. */
    private static int groups(int members, int wanted) {
        return Math.max(1, Math.min(wanted, members / 2));
    }

    /** Of a single sum over so many members. */
    SecureSumTerms terms(int members) {
        if (members <= MOST_FULL) {
            return SecureSumTerms.full(members, colluding);
        }
        return GraphParameters.find(new GraphRequirements(
                        members,
                        new MemberFraction(Math.min((colluding + 0.5) / members, 0.99)),
                        LOST,
                        FailureTarget.STANDARD,
                        AttackModel.SEMI_MALICIOUS_CHOOSING_THE_LOST))
                .filter(found -> found.degree() < members - 1)
                // A member holds a share of its own secrets too, beside its neighbours that the analysis counts.
                .map(found -> new SecureSumTerms(found.threshold() + 1, colluding, found.degree()))
                .orElseGet(() -> SecureSumTerms.full(members, colluding));
    }

    /**
     * Fewer updates than this are in no sum that may be opened under a cohort rule: the quorum, or what opening takes where
     * that is known to be more; with groups what one group's sum takes.
     */
    public int fewestUpdates(CohortRule cohort) {
        return switch (robust) {
            // In a sparse graph the threshold counts neighbours, and does not grow with the cohort.
            case RobustRule.None none ->
                cohort.maximum() > MOST_FULL
                        ? cohort.quorum()
                        : Math.max(cohort.quorum(), terms(cohort.minimum()).threshold());
            case RobustRule.Groups groups ->
                SecureSumTerms.grouped(cohort.minimum(), colluding, groups.count())
                        .threshold();
        };
    }

    /** Of those updates, what surely comes from sites that do not work together with the coordinator. */
    int fewestHonest(CohortRule cohort) {
        return fewestUpdates(cohort) - colluding;
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
        if (robust instanceof RobustRule.Groups groups) {
            int smallest = GroupedGraph.smallest(cohort.minimum(), groups.count());
            int needed = SecureSumTerms.grouped(cohort.minimum(), colluding, groups.count())
                    .threshold();
            if (smallest < 2 || needed > smallest || cohort.maximum() > MOST_FULL) {
                throw new IllegalArgumentException(groups.count() + " groups need a cohort of at least "
                        + groups.count() * (colluding + 2) + " and at most " + MOST_FULL
                        + " sites, so that every group's sum can be opened; the cohort is " + cohort.minimum() + " to "
                        + cohort.maximum());
            }
        }
    }
}
