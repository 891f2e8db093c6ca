package dev.parley.agent.participation;

import java.util.random.RandomGenerator;

/**
 * What the agent needs to try again: waits, and randomness for them. Randomness here decides nothing but waits.
 *
 * @param random used by several threads
 */
public record Retrying(Backoff backoff, Pauses pauses, RandomGenerator random) {
    /** Waits as the number of failures in a row asks, or until the scope ends. */
    void pauseAfter(int failures, CallScope scope) throws InterruptedException {
        pauses.pause(backoff.after(failures, random), scope.ended());
    }
}
