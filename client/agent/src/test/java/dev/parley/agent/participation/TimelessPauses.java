package dev.parley.agent.participation;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Waits that take no time and are remembered. */
final class TimelessPauses implements Pauses {
    final List<Duration> asked = new CopyOnWriteArrayList<>();

    @Override
    public void pause(Duration length, CountDownLatch cut) {
        asked.add(length);
    }

    Retrying retrying() {
        return new Retrying(Backoff.STANDARD, this, new SplittableRandom(7));
    }
}
