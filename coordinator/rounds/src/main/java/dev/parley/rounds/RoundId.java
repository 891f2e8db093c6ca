package dev.parley.rounds;

import java.util.Comparator;

/**
 * One try at one round of a federation.
 *
 * @param round counts every round from 0, the statistics round included; at most 1,000,000
 * @param attempt counts the tries at this round from 0; at most 1,000
 */
public record RoundId(int round, int attempt) implements Comparable<RoundId> {
    private static final Comparator<RoundId> ORDER =
            Comparator.comparingInt(RoundId::round).thenComparingInt(RoundId::attempt);

    public RoundId {
        if (round < 0 || round > 1_000_000 || attempt < 0 || attempt > 1_000) {
            throw new IllegalArgumentException(
                    "a round is 0 to 1,000,000 and an attempt 0 to 1,000, got round " + round + " attempt " + attempt);
        }
    }

    static RoundId first() {
        return new RoundId(0, 0);
    }

    RoundId nextRound() {
        return new RoundId(round + 1, 0);
    }

    RoundId nextAttempt() {
        return new RoundId(round, attempt + 1);
    }

    @Override
    public int compareTo(RoundId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return "round " + round + " attempt " + attempt;
    }
}
