package dev.parley.privacy.secagg.graph;

/**
 * What a cohort's graph has to withstand.
 *
 * @param members 3 to {@link SharingGraph#MOST_MEMBERS}
 * @param corrupt gamma: members that the coordinator controls, at most
 * @param lost delta: members that drop out before recovery, at most; apart from the corrupt ones
 */
public record GraphRequirements(
        int members, MemberFraction corrupt, MemberFraction lost, FailureTarget target, AttackModel attack) {
    public GraphRequirements {
        if (members < 3 || members > SharingGraph.MOST_MEMBERS) {
            throw new IllegalArgumentException(
                    "a cohort has 3 to " + SharingGraph.MOST_MEMBERS + " members, got " + members);
        }
    }

    int corruptMembers() {
        return corrupt.of(members);
    }

    int lostMembers() {
        return lost.of(members);
    }
}
