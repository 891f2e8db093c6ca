package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final long SEED = 20261124;

    @Test
    void doublesUpToTheLongestAndStaysBetweenHalfAndWhole() {
        Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
        SplittableRandom random = new SplittableRandom(SEED);
        for (int failures = 1; failures <= 200; failures++) {
            long nominal = Math.min(30_000, 500L << Math.min(failures - 1, 20));
            Duration wait = backoff.after(failures, random);
            assertTrue(
                    wait.toMillis() >= nominal / 2 && wait.toMillis() <= nominal,
                    "failure " + failures + ": " + wait + ", seed " + SEED);
        }
    }

    @Test
    void differsBetweenSites() {
        Backoff backoff = Backoff.STANDARD;
        long distinct = new SplittableRandom(SEED)
                .splits(100)
                .map(site -> backoff.after(1, site))
                .distinct()
                .count();

        assertTrue(distinct > 90, distinct + " different waits, seed " + SEED);
    }

    @Test
    void refusesWaitsThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)));
        assertThrows(IllegalArgumentException.class, () -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)));
    }
}
