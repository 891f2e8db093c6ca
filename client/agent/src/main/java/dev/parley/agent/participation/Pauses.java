package dev.parley.agent.participation;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How the agent waits; tests wait without time passing. */
@FunctionalInterface
public interface Pauses {
    /** Lets real time pass. */
    Pauses REAL = (length, cut) -> {
        boolean unused = cut.await(length.toNanos(), TimeUnit.NANOSECONDS);
    };

    /** Waits for {@code length}, or until {@code cut} has been counted down. */
    void pause(Duration length, CountDownLatch cut) throws InterruptedException;
}
