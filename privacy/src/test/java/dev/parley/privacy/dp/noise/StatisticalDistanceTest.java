package dev.parley.privacy.dp.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Distances add up, upwards. */
class StatisticalDistanceTest {
    @Test
    void distancesAddUpAndNeverDown() {
        StatisticalDistance one = new StatisticalDistance(0x1p-100);

        assertTrue(one.times(1000).value() >= 1000 * 0x1p-100);
        assertEquals(1000 * 0x1p-100, one.times(1000).value(), 0x1p-130);
        assertTrue(one.plus(one).value() >= 0x1p-99);
        assertEquals(StatisticalDistance.ZERO, StatisticalDistance.ZERO.times(10));
        assertEquals(StatisticalDistance.ZERO, one.times(0));
    }

    @Test
    void nothingIsFurtherThanOne() {
        StatisticalDistance most = new StatisticalDistance(0.7);

        assertEquals(1, most.plus(most).value());
        assertEquals(1, most.times(3).value());
        assertEquals(new Delta(1), most.costAt(new Epsilon(3)));
    }

    @Test
    void theCostInDeltaGrowsWithEpsilon() {
        StatisticalDistance distance = new StatisticalDistance(1e-20);

        assertEquals(2e-20, distance.costAt(new Epsilon(0)).value(), 1e-30);
        assertEquals(1e-20 * (1 + Math.exp(8)), distance.costAt(new Epsilon(8)).value(), 1e-25);
        assertEquals(new Delta(1), distance.costAt(Epsilon.UNBOUNDED));
        assertEquals(Delta.ZERO, StatisticalDistance.ZERO.costAt(Epsilon.UNBOUNDED));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-9, 1.1, Double.NaN})
    void whatIsNoDistanceIsRefused(double value) {
        assertThrows(IllegalArgumentException.class, () -> new StatisticalDistance(value));
    }

    @Test
    void drawsAreCountedFromNought() {
        assertThrows(IllegalArgumentException.class, () -> StatisticalDistance.ZERO.times(-1));
    }
}
