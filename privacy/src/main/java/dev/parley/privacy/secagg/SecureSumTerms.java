package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.graph.FullGraph;
import dev.parley.privacy.secagg.graph.RegularGraph;
import dev.parley.privacy.secagg.graph.SharingGraph;
import dev.parley.privacy.update.ContentHash;

/**
 * What a plan fixes about secure aggregation, the same for every member.
 *
 * @param threshold t: shares that open a secret, and members that must confirm the survivors
 * @param colluding members that may work together with the coordinator without a secret being opened twice: {@code 2t >
 *     holders + colluding}
 * @param degree peers of each member; 0 for all, which is for up to 200 sites
 */
public record SecureSumTerms(int threshold, int colluding, int degree) {
    public SecureSumTerms {
        if (threshold < 2 || colluding < 0 || degree < 0) {
            throw new IllegalArgumentException("secure aggregation needs a threshold of at least 2, and no negative "
                    + "numbers, got threshold " + threshold + ", colluding " + colluding + ", degree " + degree);
        }
    }

    /** Everyone shares with everyone, at the lowest threshold that {@code colluding} allows. */
    public static SecureSumTerms full(int members, int colluding) {
        return new SecureSumTerms(Math.max(2, (members + colluding) / 2 + 1), colluding, 0);
    }

    /** Holders of each member's shares: its peers and itself. */
    public int holders(int members) {
        return degree == 0 ? members : degree + 1;
    }

    /** Whether no two sets of {@code threshold} confirmations can disagree with only the colluding members in both. */
    public boolean excludesTwoStories(int members) {
        return 2L * threshold > (long) holders(members) + colluding;
    }

    /**
     * Who shares with whom.
     *
     * @param rosterHash decides a graph that is not full
     */
    public SharingGraph graph(int members, ContentHash rosterHash) {
        return degree == 0 ? new FullGraph(members) : new RegularGraph(members, degree, rosterHash);
    }
}
