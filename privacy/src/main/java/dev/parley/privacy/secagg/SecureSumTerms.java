package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.graph.AttackModel;
import dev.parley.privacy.secagg.graph.FailureTarget;
import dev.parley.privacy.secagg.graph.FullGraph;
import dev.parley.privacy.secagg.graph.GraphParameters;
import dev.parley.privacy.secagg.graph.GraphRequirements;
import dev.parley.privacy.secagg.graph.GroupedGraph;
import dev.parley.privacy.secagg.graph.MemberFraction;
import dev.parley.privacy.secagg.graph.RegularGraph;
import dev.parley.privacy.secagg.graph.SharingGraph;
import dev.parley.privacy.update.ContentHash;

/**
 * What a plan fixes about secure aggregation, the same for every member.
 *
 * @param threshold t: shares that open a secret, and members that must confirm the survivors
 * @param colluding members that may work together with the coordinator without a secret being opened twice
 * @param degree peers of each member; 0 for all, which is for up to 200 sites
 * @param groups sums that are opened one by one, 1 for a single one
 */
public record SecureSumTerms(int threshold, int colluding, int degree, int groups) {
    public SecureSumTerms {
        if (threshold < 2 || colluding < 0 || degree < 0 || groups < 1 || groups > 1 && degree > 0) {
            throw new IllegalArgumentException(
                    "secure aggregation needs a threshold of at least 2, at least 1 group, no "
                            + "negative numbers, and groups only among members that are all peers; got threshold "
                            + threshold + ", colluding " + colluding + ", degree " + degree + ", groups " + groups);
        }
    }

    /** One sum. */
    public SecureSumTerms(int threshold, int colluding, int degree) {
        this(threshold, colluding, degree, 1);
    }

    /** Everyone shares with everyone, at the lowest threshold that {@code colluding} allows. */
    public static SecureSumTerms full(int members, int colluding) {
        return grouped(members, colluding, 1);
    }

    /** Everyone shares with everyone of its group, at the lowest threshold that {@code colluding} allows in the largest. */
    public static SecureSumTerms grouped(int members, int colluding, int groups) {
        int holders = GroupedGraph.largest(members, groups);
        return new SecureSumTerms(Math.max(2, (holders + colluding) / 2 + 1), colluding, 0, groups);
    }

    /** The same for a single sum over all. */
    public SecureSumTerms ungrouped(int members) {
        return groups == 1 ? this : full(members, colluding);
    }

    /** Whether a graph of so many members exists under these terms. */
    public boolean fit(int members) {
        return degree == 0
                ? members >= 2L * groups
                : members >= 3 && degree >= 2 && degree < members && degree % 2 == 0;
    }

    /** Holders of each member's shares, at most: its peers and itself. */
    public int holders(int members) {
        return degree == 0 ? GroupedGraph.largest(members, groups) : degree + 1;
    }

    /** Holders of each member's shares, at least. */
    int fewestHolders(int members) {
        return degree == 0 ? GroupedGraph.smallest(members, groups) : degree + 1;
    }

    /**
     * Whether no two sets of {@code threshold} confirmations can disagree with only the colluding members in both: {@code 2t >
     * holders + colluding}. In a sparse graph that holds but for a probability of 2^-40 over the graph
     * ({@link GraphParameters}).
     */
    public boolean excludesTwoStories(int members) {
        if (degree == 0) {
            return 2L * threshold > (long) holders(members) + colluding;
        }
        // Half a member more, so that the fraction is not rounded to one fewer.
        MemberFraction corrupt = new MemberFraction(Math.min((colluding + 0.5) / members, 0.999));
        // The analysis shares among neighbours. Here a member holds a share of its own secrets too, so that one
        // neighbour fewer opens them.
        int neighbours = threshold - 1;
        return degree < members
                && neighbours >= 2
                && neighbours <= degree
                && new GraphParameters(members, degree, neighbours)
                        .satisfy(new GraphRequirements(
                                members,
                                corrupt,
                                MemberFraction.NONE,
                                FailureTarget.STANDARD,
                                AttackModel.SEMI_MALICIOUS_CHOOSING_THE_LOST));
    }

    /**
     * Members that must confirm the survivors before anybody opens. Where not all are peers, thresholds of neighbourhoods far
     * from each other could confirm different sets, so more than half of all members must agree.
     */
    int confirmations(int members) {
        return degree == 0 ? threshold : Math.max(threshold, (members + colluding) / 2 + 1);
    }

    /**
     * Who agrees on keys with whom: the graph of every session under one roster, and more where sums are grouped.
     *
     * @param rosterHash decides a graph that is not full
     */
    public SharingGraph graph(int members, ContentHash rosterHash) {
        return degree == 0 ? new FullGraph(members) : new RegularGraph(members, degree, rosterHash);
    }

    /**
     * Who is in which sum.
     *
     * @param plan decides the groups, which are new in each round
     */
    public SharingGraph sums(int members, ContentHash rosterHash, ContentHash plan) {
        return groups == 1 ? graph(members, rosterHash) : new GroupedGraph(members, groups, plan);
    }
}
