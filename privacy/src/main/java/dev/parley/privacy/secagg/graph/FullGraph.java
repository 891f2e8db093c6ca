package dev.parley.privacy.secagg.graph;

import java.util.Objects;

/**
 * Everyone joined to everyone (Bonawitz et al., "Practical Secure Aggregation for Privacy-Preserving Machine Learning",
 * CCS 2017). For cohorts up to a few hundred: work and traffic grow with the square of the members.
 *
 * @param members 2 to {@link SharingGraph#MOST_MEMBERS}
 */
public record FullGraph(int members) implements SharingGraph {
    public FullGraph {
        if (members < 2 || members > MOST_MEMBERS) {
            throw new IllegalArgumentException("a full graph has 2 to " + MOST_MEMBERS + " members, got " + members);
        }
    }

    @Override
    public int degree() {
        return members - 1;
    }

    @Override
    public int[] neighbours(int member) {
        Objects.checkIndex(member, members);
        int[] others = new int[members - 1];
        for (int i = 0; i < others.length; i++) {
            others[i] = i < member ? i : i + 1;
        }
        return others;
    }

    @Override
    public boolean joined(int a, int b) {
        return Objects.checkIndex(a, members) != Objects.checkIndex(b, members);
    }
}
