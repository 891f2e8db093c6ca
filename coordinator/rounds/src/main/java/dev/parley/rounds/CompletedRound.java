package dev.parley.rounds;

/** One line of a federation's history: an attempt at a round, and how it ended. */
public record CompletedRound(RoundId id, Task task, RoundOutcome outcome) {}
