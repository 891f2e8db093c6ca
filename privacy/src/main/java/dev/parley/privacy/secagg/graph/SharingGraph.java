package dev.parley.privacy.secagg.graph;

/**
 * A graph over the members 0 to {@code members() - 1} of a cohort. Joined members agree on a pair mask and hold shares
 * of each other's secrets. Undirected; nobody is joined to itself.
 */
public sealed interface SharingGraph permits FullGraph, RegularGraph, GroupedGraph {
    /** Largest cohort. */
    int MOST_MEMBERS = 1 << 20;

    int members();

    /** Neighbours of every member, or of one with the most. */
    int degree();

    /** Parts that are not joined to each other by design; each gives a sum of its own. */
    default int components() {
        return 1;
    }

    /** The part that a member is in, from 0. */
    default int component(int member) {
        return 0;
    }

    /**
     * The neighbours of {@code member}, ascending, without itself; a new array.
     *
     * @throws IndexOutOfBoundsException if there is no such member
     */
    int[] neighbours(int member);

    /**
     * Whether {@code a} and {@code b} are neighbours; a member is not its own.
     *
     * @throws IndexOutOfBoundsException if there is no such member
     */
    boolean joined(int a, int b);
}
