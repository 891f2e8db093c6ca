package dev.parley.server.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often one caller may fail before it has to wait: an address, or an account. It keeps guessing from costing much and from
 * filling the log; where a secret can be guessed at all, as a person's password can, it also bounds the guesses. Thread-safe.
 */
public final class AttemptLimit {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    /** Callers remembered; an attacker with more of them only makes us forget the oldest. */
    private static final int MAX_ADDRESSES = 10_000;

    private final int failuresPerMinute;
    private final InstantSource clock;
    private final Map<String, ArrayDeque<Instant>> failures = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ArrayDeque<Instant>> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    public AttemptLimit(int failuresPerMinute, InstantSource clock) {
        this.failuresPerMinute = failuresPerMinute;
        this.clock = clock;
    }

    /** Whether fewer than the allowed failures lie in the last minute. */
    public synchronized boolean mayTry(String address) {
        ArrayDeque<Instant> recent = failures.get(address);
        if (recent == null) {
            return true;
        }
        Instant oldest = clock.instant().minus(WINDOW);
        while (!recent.isEmpty() && recent.peekFirst().isBefore(oldest)) {
            recent.removeFirst();
        }
        return recent.size() < failuresPerMinute;
    }

    /** Counts a try of both beforehand, so that many at once get no further than as many in turn; false if either must wait. */
    public synchronized boolean begin(String one, String other) {
        if (!mayTry(one) || !mayTry(other)) {
            return false;
        }
        failed(one);
        failed(other);
        return true;
    }

    /** Takes back what {@link #begin} has counted: the try turned out well. */
    public synchronized void succeeded(String caller) {
        ArrayDeque<Instant> recent = failures.get(caller);
        if (recent != null) {
            recent.pollLast();
        }
    }

    public synchronized void failed(String address) {
        ArrayDeque<Instant> recent = failures.computeIfAbsent(address, unused -> new ArrayDeque<>());
        recent.addLast(clock.instant());
        if (recent.size() > failuresPerMinute) {
            recent.removeFirst();
        }
    }
}
