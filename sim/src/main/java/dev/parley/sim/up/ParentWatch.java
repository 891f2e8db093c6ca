package dev.parley.sim.up;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Ends a child process when its parent does.
 *
 * <p>The parent holds the other end of standard input and writes nothing. When the parent is gone, however it went, the
 * operating system closes that end, and reading it here comes to an end.
 */
public final class ParentWatch {
    /** As a process ends that was asked to by SIGTERM. */
    private static final int ASKED_TO_STOP = 143;

    private static final long STOP_SECONDS = 15;

    private ParentWatch() {}

    /** To be called first in a child's main. */
    public static void begin() {
        Thread.ofPlatform().daemon().name("parent-watch").start(ParentWatch::endWithParent);
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // The parent writes nothing; whatever comes is no reason to end.
            }
        } catch (IOException e) {
            // A broken pipe says the same as a closed one.
        }
        Thread.ofPlatform().daemon().name("parent-watch-halt").start(ParentWatch::haltIfStuck);
        System.exit(ASKED_TO_STOP);
    }

    /** An orderly stop that hangs must not leave a process behind. */
    private static void haltIfStuck() {
        try {
            TimeUnit.SECONDS.sleep(STOP_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ASKED_TO_STOP);
    }
}
