package dev.parley.server.gateway;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often one address may fail before it has to wait. Tokens are 256 random bits, so guessing is hopeless anyway; this
 * keeps the attempts from costing much and from filling the log. Thread-safe.
 */
final class AttemptLimit {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    /** Addresses remembered; an attacker with more of them only makes us forget the oldest. */
    private static final int MAX_ADDRESSES = 10_000;

    private final int failuresPerMinute;
    private final InstantSource clock;
    private final Map<String, ArrayDeque<Instant>> failures = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ArrayDeque<Instant>> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    AttemptLimit(int failuresPerMinute, InstantSource clock) {
        this.failuresPerMinute = failuresPerMinute;
        this.clock = clock;
    }

    synchronized boolean mayTry(String address) {
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

    synchronized void failed(String address) {
        ArrayDeque<Instant> recent = failures.computeIfAbsent(address, unused -> new ArrayDeque<>());
        recent.addLast(clock.instant());
        if (recent.size() > failuresPerMinute) {
            recent.removeFirst();
        }
    }
}
