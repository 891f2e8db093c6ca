package dev.parley.rounds;

/** How a federation ended. */
public sealed interface FederationOutcome {
    /** Every round released. */
    record Completed() implements FederationOutcome {}

    /** One round was abandoned as often as it may be tried. */
    record AttemptsExhausted(RoundId last, RoundOutcome outcome) implements FederationOutcome {}

    /** Too few sites were attached for too long. */
    record TooFewSites(RoundId next, int have, int need) implements FederationOutcome {}

    /** Somebody ended it. */
    record Cancelled(String reason) implements FederationOutcome {}

    /** For people and the contract: {@code completed}, or {@code failed:} and why. */
    default String description() {
        return switch (this) {
            case Completed completed -> "completed";
            case AttemptsExhausted exhausted ->
                "failed: round " + exhausted.last().round() + " was abandoned "
                        + (exhausted.last().attempt() + 1) + " times, at last because "
                        + exhausted.outcome().description();
            case TooFewSites tooFew ->
                "failed: round " + tooFew.next().round() + " needs " + tooFew.need() + " sites, " + tooFew.have()
                        + " were attached when the time for gathering was over";
            case Cancelled cancelled -> "failed: cancelled: " + cancelled.reason();
        };
    }
}
