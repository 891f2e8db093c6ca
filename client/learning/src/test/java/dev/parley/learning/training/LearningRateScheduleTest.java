package dev.parley.learning.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.LearningRateSchedule.Shape;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    private static double at(LearningRateSchedule schedule, int round, double progress) {
        return schedule.factor(new RoundPosition(round, 20), progress);
    }

    @Test
    void theCosineFallsFromOneToItsFinalFactor() {
        var schedule = new LearningRateSchedule(Shape.COSINE, 0, 0.2);
        assertEquals(1, at(schedule, 0, 0), 1e-12);
        assertEquals(0.2 + 0.8 * 0.5 * (1 + Math.cos(Math.PI / 4)), at(schedule, 5, 0), 1e-12);
        assertEquals(0.6, at(schedule, 10, 0), 1e-12, "half way");
        assertEquals(0.6 - 0.4 * Math.sin(Math.PI / 40), at(schedule, 10, 0.5), 1e-12, "half a round later");
        assertEquals(0.2, at(schedule, 19, 1 - 1e-9), 1e-6, "the end");
    }

    @Test
    void warmUpRisesByEqualParts() {
        var schedule = new LearningRateSchedule(Shape.CONSTANT, 3, 0);
        assertEquals(0.25, at(schedule, 0, 0), 1e-12);
        assertEquals(0.375, at(schedule, 0, 0.5), 1e-12);
        assertEquals(0.5, at(schedule, 1, 0), 1e-12);
        assertEquals(0.75, at(schedule, 2, 0), 1e-12);
        assertEquals(1, at(schedule, 3, 0), 1e-12);
        assertEquals(1, at(schedule, 19, 0.9), 1e-12);
    }

    @Test
    void warmUpAndCosineMultiply() {
        var schedule = new LearningRateSchedule(Shape.COSINE, 1, 0);
        assertEquals(0.5, at(schedule, 0, 0), 1e-12);
        assertEquals(0.5 * (1 + Math.cos(Math.PI / 20)), at(schedule, 1, 0), 1e-12);
    }

    @Test
    void theFactorStaysBetweenZeroAndOne() {
        for (Shape shape : Shape.values()) {
            for (int warmup : new int[] {0, 2, 50}) {
                var schedule = new LearningRateSchedule(shape, warmup, 0);
                for (int round = 0; round < 20; round++) {
                    double factor = at(schedule, round, 0.999);
                    assertTrue(factor >= 0 && factor <= 1, schedule + " in round " + round + ": " + factor);
                }
            }
        }
    }
}
