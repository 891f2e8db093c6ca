package dev.parley.rounds;

import java.time.Instant;

/** What a federation is doing. */
public sealed interface FederationPhase {
    /** Sites may attach; nothing is planned. */
    record NotStarted() implements FederationPhase {}

    /**
     * Waiting until enough sites are attached for a round.
     *
     * @param next the round to be planned
     * @param deadline when the federation gives up
     */
    record Gathering(RoundId next, Instant deadline) implements FederationPhase {}

    /** A round is under way. */
    record Running(RoundState round) implements FederationPhase {}

    /** Over. */
    record Ended(FederationOutcome outcome) implements FederationPhase {}
}
