package dev.parley.sim.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** How many masks {@link MaskingCohort} counts, by which the benchmark's ratios are formed. */
class MaskingCohortTest {
    @Test
    void aFullGraphHasAMaskForEachPeerAndEachLostPair() {
        MaskingCohort cohort = MaskingCohort.fullGraph(100, 10);

        assertEquals(100, cohort.masksAtSite());
        assertEquals(90 + 10 * 90, cohort.masksAtCoordinator());
    }

    @Test
    void nobodyLostLeavesTheSelfMasks() {
        assertEquals(50, MaskingCohort.fullGraph(50, 0).masksAtCoordinator());
    }

    @Test
    void aRegularGraphCountsSurvivingNeighboursOfTheLost() {
        MaskingCohort cohort = MaskingCohort.regularGraph(1_000, 10);

        assertEquals(106, cohort.degree());
        assertEquals(107, cohort.masksAtSite());
        assertEquals(900 + Math.round(100 * 106 * 900 / 999.0), cohort.masksAtCoordinator());
    }

    @Test
    void refusesCohortsThatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> MaskingCohort.fullGraph(2, 0));
        assertThrows(IllegalArgumentException.class, () -> MaskingCohort.fullGraph(10, 100));
        assertThrows(IllegalArgumentException.class, () -> MaskingCohort.fullGraph(10, 95));
        assertThrows(IllegalArgumentException.class, () -> MaskingCohort.regularGraph(2, 0));
    }
}
