package dev.parley.privacy.secagg;

import java.util.List;

/**
 * What a member is told when the cohort is closed: who is in it, and the shares that its peers have sealed for it.
 *
 * @param cohort members that have dealt; only they mask with each other
 * @param shares one for each peer in the cohort, ascending
 */
public record CohortNotice(MemberSet cohort, List<IncomingShare> shares) {
    public CohortNotice {
        shares = List.copyOf(shares);
    }

    /** A share from {@code from}: the box that it sealed for the receiver, and its commitment. */
    public record IncomingShare(int from, Deal.Bytes box, Deal.Bytes commitment) {}
}
