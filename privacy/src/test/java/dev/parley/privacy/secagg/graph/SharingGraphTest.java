package dev.parley.privacy.secagg.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ContentHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Laws of every {@link SharingGraph}: regular, symmetric, connected, and the same wherever it is built. */
class SharingGraphTest {
    @Property(tries = 200, seed = "20261124")
    void aRegularGraphIsRegularSymmetricAndConnected(
            @ForAll @IntRange(min = 3, max = 120) int members, @ForAll @IntRange(max = 1 << 20) int choice) {
        int degree = 2 + 2 * (choice % ((members - 1) / 2));
        SharingGraph graph = new RegularGraph(members, degree, seed(choice));

        assertLaws(graph, members, degree);
    }

    @Property(tries = 20, seed = "20261124")
    void aFullGraphObeysTheSameLaws(@ForAll @IntRange(min = 2, max = 60) int members) {
        assertLaws(new FullGraph(members), members, members - 1);
    }

    @Test
    void aRegularGraphWithEveryNeighbourIsTheFullOne() {
        SharingGraph regular = new RegularGraph(7, 6, seed(1));
        for (int member = 0; member < 7; member++) {
            assertArrayEquals(new FullGraph(7).neighbours(member), regular.neighbours(member));
        }
    }

    private static void assertLaws(SharingGraph graph, int members, int degree) {
        assertEquals(members, graph.members());
        assertEquals(degree, graph.degree());
        for (int a = 0; a < members; a++) {
            int[] neighbours = graph.neighbours(a);
            assertEquals(degree, Arrays.stream(neighbours).distinct().count());
            assertArrayEquals(Arrays.stream(neighbours).sorted().toArray(), neighbours);
            BitSet joined = new BitSet();
            Arrays.stream(neighbours).forEach(joined::set);
            assertFalse(joined.get(a));
            for (int b = 0; b < members; b++) {
                assertEquals(joined.get(b), graph.joined(a, b));
                assertEquals(graph.joined(a, b), graph.joined(b, a));
            }
        }
        assertEquals(members, reachable(graph, new BitSet()));
    }

    /** Harary's promise, for which the graph was chosen: it takes the loss of {@code degree} members to cut it. */
    @Property(tries = 200, seed = "20261124")
    void fewerThanDegreeLossesDoNotCutIt(
            @ForAll @IntRange(min = 8, max = 60) int members, @ForAll @IntRange(max = 1 << 20) int choice) {
        int degree = 2 + 2 * (choice % 3);
        RegularGraph graph = new RegularGraph(members, degree, seed(choice));
        BitSet lost = new BitSet();
        int half = degree / 2;
        int second = half + 1 + choice % (members - degree - 1);
        for (int step = 0; step < half; step++) {
            lost.set(graph.memberOnCircle(step));
            lost.set(graph.memberOnCircle(second + step));
        }
        assertTrue(reachable(graph, lost) < members - degree, "degree losses in two places cut it");

        lost.clear(lost.nextSetBit(0));

        assertEquals(members - degree + 1, reachable(graph, lost));
    }

    /** Members that can be reached from one that is not lost, along members that are not. */
    static int reachable(SharingGraph graph, BitSet lost) {
        BitSet reached = new BitSet();
        ArrayDeque<Integer> next = new ArrayDeque<>();
        int first = lost.nextClearBit(0);
        reached.set(first);
        next.add(first);
        while (!next.isEmpty()) {
            for (int neighbour : graph.neighbours(next.remove())) {
                if (!lost.get(neighbour) && !reached.get(neighbour)) {
                    reached.set(neighbour);
                    next.add(neighbour);
                }
            }
        }
        return reached.cardinality();
    }

    @Test
    void theOrderOfASeedIsWrittenDown() {
        assertArrayEquals(KNOWN_ORDER, SeededOrder.of(12, seed(0)));
    }

    private static final int[] KNOWN_ORDER = {9, 4, 8, 11, 3, 6, 10, 1, 7, 0, 2, 5};

    @Test
    void seedsAndOnlySeedsChangeIt() {
        RegularGraph graph = new RegularGraph(1000, 10, seed(1));
        RegularGraph again = new RegularGraph(1000, 10, seed(1));
        RegularGraph other = new RegularGraph(1000, 10, seed(2));

        int same = 0;
        for (int member = 0; member < 1000; member++) {
            assertArrayEquals(graph.neighbours(member), again.neighbours(member));
            same += Arrays.equals(graph.neighbours(member), other.neighbours(member)) ? 1 : 0;
        }

        assertEquals(0, same);
        assertEquals(graph, again);
        assertEquals(graph.hashCode(), again.hashCode());
        assertNotEquals(graph, other);
        assertNotEquals(graph, new RegularGraph(1000, 12, seed(1)));
    }

    /** All 24 orders of four over 24,000 seeds: chi-square with 23 degrees of freedom, far tail 2^-20 at 73. */
    @Test
    void everyOrderIsEquallyLikely() {
        int seeds = 24_000;
        int[] counts = new int[256];
        for (int i = 0; i < seeds; i++) {
            int[] order = SeededOrder.of(4, seed(i));
            counts[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
        }
        double expected = seeds / 24.0;
        double chiSquare = Arrays.stream(counts)
                .filter(count -> count > 0)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();

        assertEquals(24, Arrays.stream(counts).filter(count -> count > 0).count());
        assertTrue(chiSquare < 73, () -> "chi-square " + chiSquare);
    }

    @Test
    void aMillionMembersAreAPermutation() {
        int[] order = SeededOrder.of(SharingGraph.MOST_MEMBERS, seed(0));

        BitSet seen = new BitSet();
        Arrays.stream(order).forEach(seen::set);
        assertEquals(SharingGraph.MOST_MEMBERS, seen.cardinality());
        assertEquals(SharingGraph.MOST_MEMBERS, seen.length());
    }

    @Test
    void argumentsAreValidated() {
        assertThrows(IllegalArgumentException.class, () -> new RegularGraph(2, 2, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new RegularGraph(10, 3, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new RegularGraph(10, 0, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new RegularGraph(10, 10, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new RegularGraph(SharingGraph.MOST_MEMBERS + 1, 2, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new FullGraph(1));
        for (SharingGraph graph : new SharingGraph[] {new FullGraph(5), new RegularGraph(5, 2, seed(0))}) {
            assertThrows(IndexOutOfBoundsException.class, () -> graph.neighbours(5));
            assertThrows(IndexOutOfBoundsException.class, () -> graph.neighbours(-1));
            assertThrows(IndexOutOfBoundsException.class, () -> graph.joined(0, 5));
            assertThrows(IndexOutOfBoundsException.class, () -> graph.joined(-1, 0));
        }
    }

    static ContentHash seed(int number) {
        return ContentHash.of(("seed " + number).getBytes(StandardCharsets.US_ASCII));
    }
}
