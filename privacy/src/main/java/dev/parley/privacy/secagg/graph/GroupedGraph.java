package dev.parley.privacy.secagg.graph;

import dev.parley.privacy.update.ContentHash;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Members in groups of nearly equal size, drawn from a public seed; everyone is joined to everyone of the same group and to
 * nobody else. Each group's sum is opened by itself, so that sums can be compared before they are added (So, Guler,
 * Avestimehr 2021; Velicheti, Xia, Koyejo 2021).
 *
 * <p><b>Guarantees</b>: the same members, groups and seed give the same groups on every machine; sizes differ by one at most.
 * <b>Does not</b> hide a member in a sum of more than its group.
 */
public final class GroupedGraph implements SharingGraph {
    private final int groups;
    private final ContentHash seed;
    private final int[] groupOf;
    private final int[][] membersOf;

    /**
     * @param members 4 to {@link SharingGraph#MOST_MEMBERS}
     * @param groups 2 to half the members
     * @param seed public, and new for each round
     */
    public GroupedGraph(int members, int groups, ContentHash seed) {
        if (groups < 2 || members > MOST_MEMBERS || members / 2 < groups) {
            throw new IllegalArgumentException("groups are at least 2, of at least 2 members each, got " + groups
                    + " groups of " + members + " members");
        }
        this.groups = groups;
        this.seed = seed;
        this.groupOf = new int[members];
        this.membersOf = new int[groups][];
        int[] order = SeededOrder.of(members, seed);
        for (int group = 0; group < groups; group++) {
            int from = (int) ((long) members * group / groups);
            int to = (int) ((long) members * (group + 1) / groups);
            membersOf[group] = Arrays.copyOfRange(order, from, to);
            Arrays.sort(membersOf[group]);
            for (int member : membersOf[group]) {
                groupOf[member] = group;
            }
        }
    }

    @Override
    public int members() {
        return groupOf.length;
    }

    /** Neighbours of a member of the largest group. */
    @Override
    public int degree() {
        return largest(groupOf.length, groups) - 1;
    }

    /** Members of the largest group. */
    public static int largest(int members, int groups) {
        return (members + groups - 1) / groups;
    }

    /** Members of the smallest group. */
    public static int smallest(int members, int groups) {
        return members / groups;
    }

    @Override
    public int components() {
        return groups;
    }

    @Override
    public int component(int member) {
        return groupOf[Objects.checkIndex(member, groupOf.length)];
    }

    @Override
    public int[] neighbours(int member) {
        int[] group = membersOf[component(member)];
        int[] others = new int[group.length - 1];
        int at = 0;
        for (int other : group) {
            if (other != member) {
                others[at++] = other;
            }
        }
        return others;
    }

    @Override
    public boolean joined(int a, int b) {
        return component(a) == component(b) && a != b;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GroupedGraph graph
                && groupOf.length == graph.groupOf.length
                && groups == graph.groups
                && seed.equals(graph.seed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(groupOf.length, groups, seed);
    }

    @Override
    public String toString() {
        return "GroupedGraph[members=" + groupOf.length + ", groups=" + groups + ", seed=" + seed.abbreviated() + "]";
    }
}
