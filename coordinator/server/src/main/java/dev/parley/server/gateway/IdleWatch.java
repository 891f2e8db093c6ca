package dev.parley.server.gateway;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Ends calls on which nothing has moved for too long, so that a silent peer cannot hold resources. */
final class IdleWatch implements AutoCloseable {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("gateway-idle-watch").factory());

    /** Starts watching; the first {@link Watched#stirred} is implied. */
    Watched watch(Duration limit, Runnable onIdle) {
        Watched watched = new Watched(limit.toNanos(), onIdle);
        watched.schedule(limit.toNanos());
        return watched;
    }

    /** Calls {@code tick} again and again until the returned handle is stopped. */
    Stoppable repeat(Duration period, Runnable tick) {
        var future = timer.scheduleAtFixedRate(tick, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** Ends a watch. */
    @FunctionalInterface
    interface Stoppable {
        void stop();
    }

    /** One call under watch. */
    final class Watched implements Stoppable {
        private final long limitNanos;
        private final Runnable onIdle;
        private volatile long lastStirred = System.nanoTime();
        private volatile boolean stopped;

        private Watched(long limitNanos, Runnable onIdle) {
            this.limitNanos = limitNanos;
            this.onIdle = onIdle;
        }

        /** Something moved. */
        void stirred() {
            lastStirred = System.nanoTime();
        }

        @Override
        public void stop() {
            stopped = true;
        }

        private void schedule(long delayNanos) {
            if (!timer.isShutdown()) {
                var unused = timer.schedule(this::look, delayNanos, TimeUnit.NANOSECONDS);
            }
        }

        private void look() {
            if (stopped) {
                return;
            }
            long idle = System.nanoTime() - lastStirred;
            if (idle >= limitNanos) {
                stopped = true;
                onIdle.run();
            } else {
                schedule(limitNanos - idle);
            }
        }
    }
}
