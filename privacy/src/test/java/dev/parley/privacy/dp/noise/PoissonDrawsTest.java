package dev.parley.privacy.dp.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.SamplingRate;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Samples are Poisson: sizes have the binomial's mean and variance, units their rate, pairs no correlation. The same test
 * finds batches of a shuffled dataset, whose sizes do not vary. Bounds are five standard deviations, 6e-7 each.
 */
class PoissonDrawsTest {
    private static final long SEED = 20261125;
    private static final int UNITS = 200;
    private static final int STEPS = 20_000;
    private static final SamplingRate RATE = new SamplingRate(0.05);

    /** A way to choose members of a step. */
    private interface Sampler {
        int[] sample(int step);
    }

    @Test
    void everyUnitHasItsOwnCoin() {
        var draws = new PoissonDraws(InsecureNoiseSource.replaying(SEED));
        assertTrue(isPoisson(step -> draws.participants(RATE, UNITS)), "seed " + SEED);
    }

    @Test
    void batchesOfAShuffledDatasetAreFound() {
        var draws = new PoissonDraws(InsecureNoiseSource.replaying(SEED));
        assertFalse(isPoisson(step -> draws.choose(10, UNITS)), "fixed sizes passed as Poisson");
        assertFalse(isPoisson(step -> draws.participants(new SamplingRate(0.052), UNITS)), "a wrong rate passed");
    }

    private static boolean isPoisson(Sampler sampler) {
        double p = RATE.value();
        int[] times = new int[UNITS];
        double sizes = 0;
        double squares = 0;
        long together = 0;
        for (int step = 0; step < STEPS; step++) {
            int[] members = sampler.sample(step);
            sizes += members.length;
            squares += (double) members.length * members.length;
            boolean first = false;
            boolean last = false;
            for (int member : members) {
                times[member]++;
                first |= member == 0;
                last |= member == UNITS - 1;
            }
            together += first && last ? 1 : 0;
        }
        double mean = sizes / STEPS;
        double variance = squares / STEPS - mean * mean;
        double expected = UNITS * p * (1 - p);
        boolean right = Math.abs(mean - UNITS * p) < 5 * Math.sqrt(expected / STEPS)
                // The variance of a sample variance of something nearly normal.
                && Math.abs(variance - expected) < 5 * expected * Math.sqrt(2.0 / STEPS)
                && Math.abs(together - STEPS * p * p) < 5 * Math.sqrt(STEPS * p * p);
        for (int count : times) {
            right &= Math.abs(count - STEPS * p) < 5 * Math.sqrt(STEPS * p * (1 - p));
        }
        return right;
    }

    @Test
    void rateOneTakesEveryoneAndNoUnitsGiveNobody() {
        var draws = new PoissonDraws(InsecureNoiseSource.replaying(SEED));
        assertArrayEquals(new int[] {0, 1, 2}, draws.participants(SamplingRate.EVERYONE, 3));
        assertEquals(0, draws.participants(RATE, 0).length);
    }

    @Test
    void aChoiceIsUniformAndWithoutReplacement() {
        var draws = new PoissonDraws(InsecureNoiseSource.replaying(SEED));
        int[] times = new int[7];
        for (int i = 0; i < 21_000; i++) {
            int[] chosen = draws.choose(3, 7);
            assertEquals(3, Arrays.stream(chosen).distinct().count());
            Arrays.stream(chosen).forEach(c -> times[c]++);
        }
        for (int count : times) {
            assertEquals(9000, count, 5 * Math.sqrt(9000 * 4 / 7.0), "seed " + SEED);
        }
        assertArrayEquals(new int[] {0, 1}, draws.choose(5, 2));
    }
}
