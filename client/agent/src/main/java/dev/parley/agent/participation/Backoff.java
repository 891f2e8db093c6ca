package dev.parley.agent.participation;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before trying again: exponential from {@code first} to {@code longest}, with half of each wait random
 * so that sites cut off together do not come back together.
 *
 * @param first nominal first wait, above zero
 * @param longest nominal longest wait
 */
public record Backoff(Duration first, Duration longest) {
    private static final int MAX_DOUBLINGS = 30;

    /** For the control stream and transfers. */
    public static final Backoff STANDARD = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));

    public Backoff {
        if (!first.isPositive() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("expected 0 < first <= longest, got " + first + " and " + longest);
        }
    }

    /**
     * The wait before try number {@code failures + 1}: uniform between half the nominal wait and all of it.
     *
     * @param failures tries that have failed in a row, at least 1
     */
    public Duration after(int failures, RandomGenerator random) {
        long nominal = longest.toNanos();
        int doublings = Math.min(failures - 1, MAX_DOUBLINGS);
        if (first.toNanos() <= nominal >> doublings) {
            nominal = first.toNanos() << doublings;
        }
        return Duration.ofNanos(nominal / 2 + random.nextLong(nominal / 2 + 1));
    }
}
