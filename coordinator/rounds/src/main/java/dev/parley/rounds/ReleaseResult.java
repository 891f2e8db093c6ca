package dev.parley.rounds;

/** What became of a round's sum. */
public sealed interface ReleaseResult {
    /** A version, not yet in force: store it, then tell the engine with {@link RoundEvent.ReleaseCommitted}. */
    record Candidate(ReleasedVersion version) implements ReleaseResult {}

    /** No version; tell the engine with {@link RoundEvent.ReleaseFailed}. The model stays. */
    record Unusable(String reason) implements ReleaseResult {}
}
