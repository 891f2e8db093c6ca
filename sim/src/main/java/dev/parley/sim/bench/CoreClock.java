package dev.parley.sim.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Time that the calling thread has spent on a processor. On an idle machine it goes as the clock on the wall does; on a
 * shared one it leaves out the waiting for a turn, which no loop is to blame for.
 */
final class CoreClock {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private CoreClock() {}

    static long nanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    static double secondsSince(long startNanos) {
        return (nanos() - startNanos) / 1e9;
    }
}
