package dev.parley.rounds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.WeightedMean;
import dev.parley.rounds.RobustRule.Combination;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A lie in one group must not move the combination further than honest groups differ. */
class GroupMeansTest {
    private static final ParameterLayout LAYOUT = ParameterLayout.of(List.of(Block.of("w", 3)));
    private static final List<WeightedMean> HONEST =
            List.of(mean(1, 10, -1), mean(2, 11, -2), mean(3, 12, -3), mean(4, 13, -4));
    private static final WeightedMean LIE = mean(1e6f, -1e6f, 1e6f);

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        WeightedMean combined = GroupMeans.combine(HONEST, new Combination.Median());

        assertArrayEquals(new float[] {2.5f, 11.5f, -2.5f}, combined.update().toArray());
        assertEquals(4, combined.contributions());
        assertEquals(2, combined.totalWeight(), 0);
    }

    @Test
    void theMedianStaysWithinTheHonestGroupsWhereverTheLieIs() {
        for (int at = 0; at <= HONEST.size(); at++) {
            assertWithinHonest(GroupMeans.combine(withLie(at), new Combination.Median()));
        }
    }

    @Test
    void theTrimmedMeanStaysWithinTheHonestGroups() {
        assertWithinHonest(GroupMeans.combine(withLie(0), new Combination.TrimmedMean(1)));
        // And the test can fail: the plain mean is carried away.
        double plain = (1e6 + 1 + 2 + 3 + 4) / 5;
        assertTrue(plain > 4);
    }

    @Test
    void trimmingEveryOtherValueLeavesTheMeanOfTheRest() {
        WeightedMean combined = GroupMeans.combine(HONEST, new Combination.TrimmedMean(1));

        assertArrayEquals(new float[] {2.5f, 11.5f, -2.5f}, combined.update().toArray());
    }

    @Test
    void krumChoosesAnHonestGroup() {
        WeightedMean combined = GroupMeans.combine(withLie(2), new Combination.Krum(1));

        assertTrue(HONEST.stream()
                .anyMatch(honest -> java.util.Arrays.equals(
                        honest.update().toArray(), combined.update().toArray())));
    }

    @Test
    void tooFewGroupsAreNoCombination() {
        assertThrows(
                IllegalStateException.class, () -> GroupMeans.combine(HONEST.subList(0, 2), new Combination.Median()));
        assertThrows(IllegalArgumentException.class, () -> new RobustRule.Groups(4, new Combination.Krum(1)));
    }

    private static List<WeightedMean> withLie(int at) {
        List<WeightedMean> groups = new ArrayList<>(HONEST);
        groups.add(at, LIE);
        return groups;
    }

    private static void assertWithinHonest(WeightedMean combined) {
        float[] values = combined.update().toArray();
        assertTrue(values[0] >= 1 && values[0] <= 4, "first coordinate " + values[0]);
        assertTrue(values[1] >= 10 && values[1] <= 13, "second coordinate " + values[1]);
        assertTrue(values[2] >= -4 && values[2] <= -1, "third coordinate " + values[2]);
    }

    private static WeightedMean mean(float... values) {
        return new WeightedMean(ParameterVector.of(LAYOUT, values), 0.5, 1);
    }
}
