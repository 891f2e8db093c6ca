package dev.parley.privacy.secagg.graph;

import static dev.parley.privacy.secagg.graph.SharingGraphTest.seed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Groups are a partition in nearly equal parts, each a full graph, and the same wherever they are drawn. */
class GroupedGraphTest {
    @Property(tries = 300, seed = "20261125")
    void membersAreInOneGroupEachAndSizesDifferByOneAtMost(
            @ForAll @IntRange(min = 4, max = 200) int members, @ForAll @IntRange(max = 1 << 20) int choice) {
        int groups = 2 + choice % (members / 2 - 1);
        GroupedGraph graph = new GroupedGraph(members, groups, seed(choice));
        int[] sizes = new int[groups];
        IntStream.range(0, members).forEach(member -> sizes[graph.component(member)]++);

        assertEquals(members, graph.members());
        assertEquals(groups, graph.components());
        assertEquals(members, Arrays.stream(sizes).sum());
        assertEquals(
                GroupedGraph.largest(members, groups),
                Arrays.stream(sizes).max().orElseThrow());
        assertEquals(
                GroupedGraph.smallest(members, groups),
                Arrays.stream(sizes).min().orElseThrow());
        assertTrue(GroupedGraph.largest(members, groups) - GroupedGraph.smallest(members, groups) <= 1);
        assertEquals(GroupedGraph.largest(members, groups) - 1, graph.degree());
    }

    @Property(tries = 100, seed = "20261125")
    void neighboursAreTheOthersOfTheGroup(
            @ForAll @IntRange(min = 4, max = 60) int members, @ForAll @IntRange(max = 1 << 20) int choice) {
        GroupedGraph graph = new GroupedGraph(members, 2 + choice % (members / 2 - 1), seed(choice));
        for (int a = 0; a < members; a++) {
            int me = a;
            int[] others = IntStream.range(0, members)
                    .filter(b -> b != me && graph.component(b) == graph.component(me))
                    .toArray();

            assertArrayEquals(others, graph.neighbours(a));
            for (int b = 0; b < members; b++) {
                assertEquals(Arrays.binarySearch(others, b) >= 0, graph.joined(a, b));
                assertEquals(graph.joined(a, b), graph.joined(b, a));
            }
        }
    }

    @Test
    void theSeedAndNothingElseDecides() {
        GroupedGraph graph = new GroupedGraph(100, 5, seed(1));
        GroupedGraph again = new GroupedGraph(100, 5, seed(1));
        GroupedGraph other = new GroupedGraph(100, 5, seed(2));

        assertArrayEquals(groupOf(graph), groupOf(again));
        assertFalse(Arrays.equals(groupOf(graph), groupOf(other)));
        assertEquals(graph, again);
        assertEquals(graph.hashCode(), again.hashCode());
        assertNotEquals(graph, other);
        assertNotEquals(graph, new GroupedGraph(100, 4, seed(1)));
        assertNotEquals(graph, new GroupedGraph(101, 5, seed(1)));
    }

    /** Over many seeds each pair of 12 members is together in 3 groups of 4 with probability 3 / 11. */
    @Test
    void everyPairIsTogetherEquallyOften() {
        int seeds = 4_000;
        int[][] together = new int[12][12];
        for (int i = 0; i < seeds; i++) {
            GroupedGraph graph = new GroupedGraph(12, 3, seed(i));
            for (int a = 0; a < 12; a++) {
                for (int b = 0; b < 12; b++) {
                    together[a][b] += graph.joined(a, b) ? 1 : 0;
                }
            }
        }
        double expected = seeds * 3.0 / 11;
        double deviation = Math.sqrt(expected * 8 / 11);

        for (int a = 0; a < 12; a++) {
            for (int b = 0; b < a; b++) {
                assertEquals(expected, together[a][b], 5 * deviation);
            }
        }
    }

    private static int[] groupOf(GroupedGraph graph) {
        return IntStream.range(0, graph.members()).map(graph::component).toArray();
    }

    @Test
    void argumentsAreValidated() {
        assertThrows(IllegalArgumentException.class, () -> new GroupedGraph(10, 1, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new GroupedGraph(10, 0, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new GroupedGraph(10, -2, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new GroupedGraph(3, 2, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new GroupedGraph(9, 5, seed(0)));
        assertThrows(IllegalArgumentException.class, () -> new GroupedGraph(SharingGraph.MOST_MEMBERS + 1, 2, seed(0)));
        GroupedGraph graph = new GroupedGraph(5, 2, seed(0));
        assertThrows(IndexOutOfBoundsException.class, () -> graph.neighbours(5));
        assertThrows(IndexOutOfBoundsException.class, () -> graph.component(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> graph.joined(0, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> graph.joined(-1, 0));
    }
}
