package dev.parley.privacy.secagg.graph;

import dev.parley.privacy.update.ContentHash;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sparse graph of Bell, Bonawitz, Gascon, Lepoint, Raykova, "Secure Single-Server Aggregation with
 * (Poly)Logarithmic Overhead", CCS 2020, section 3: members stand on a circle in an order drawn from a public seed, and
 * each is joined to the {@code degree / 2} next ones on either side (a Harary graph, which is the sparsest that stays
 * connected whichever {@code degree - 1} members are taken away).
 *
 * <p><b>Guarantees</b>: the same members, degree and seed give the same graph on every machine; over a uniform seed the
 * order is uniform, as far as AES is a random permutation. <b>Does not</b> hide the graph from anyone, nor protect it
 * from one who chooses the seed after seeing who is whom: the seed hashes what every member has contributed to, after
 * the roster is fixed.
 */
public final class RegularGraph implements SharingGraph {
    private final int members;
    private final int degree;
    private final ContentHash seed;
    private final int[] memberAt;
    private final int[] positionOf;

    /**
     * @param members 3 to {@link SharingGraph#MOST_MEMBERS}
     * @param degree neighbours of each member: even, because the circle has two sides, 2 to {@code members - 1}
     * @param seed public
     */
    public RegularGraph(int members, int degree, ContentHash seed) {
        if (members < 3 || members > MOST_MEMBERS) {
            throw new IllegalArgumentException("a regular graph has 3 to " + MOST_MEMBERS + " members, got " + members);
        }
        if (degree < 2 || degree >= members || degree % 2 != 0) {
            throw new IllegalArgumentException("the degree of a graph of " + members + " members is even and 2 to "
                    + (members - 1) + ", got " + degree);
        }
        this.members = members;
        this.degree = degree;
        this.seed = seed;
        this.memberAt = SeededOrder.of(members, seed);
        this.positionOf = new int[members];
        for (int position = 0; position < members; position++) {
            positionOf[memberAt[position]] = position;
        }
    }

    @Override
    public int members() {
        return members;
    }

    @Override
    public int degree() {
        return degree;
    }

    public ContentHash seed() {
        return seed;
    }

    @Override
    public int[] neighbours(int member) {
        int position = positionOf[Objects.checkIndex(member, members)];
        int[] neighbours = new int[degree];
        for (int step = 1; step <= degree / 2; step++) {
            neighbours[2 * step - 2] = memberOnCircle(position + step);
            neighbours[2 * step - 1] = memberOnCircle(position - step);
        }
        Arrays.sort(neighbours);
        return neighbours;
    }

    @Override
    public boolean joined(int a, int b) {
        int apart = Math.abs(positionOf[Objects.checkIndex(a, members)] - positionOf[Objects.checkIndex(b, members)]);
        int steps = Math.min(apart, members - apart);
        return steps != 0 && steps <= degree / 2;
    }

    /** The member at {@code position}, counted on around the circle in either direction. */
    int memberOnCircle(int position) {
        return memberAt[Math.floorMod(position, members)];
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RegularGraph graph
                && members == graph.members
                && degree == graph.degree
                && seed.equals(graph.seed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(members, degree, seed);
    }

    @Override
    public String toString() {
        return "RegularGraph[members=" + members + ", degree=" + degree + ", seed=" + seed.abbreviated() + "]";
    }
}
