package dev.parley.rounds;

import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import java.util.Optional;

/** How a round ended. Only {@link Released} changes the model. */
public sealed interface RoundOutcome {
    /**
     * A new version.
     *
     * @param version SHA-256 of its safetensors file
     * @param evaluation the pooled counts of the sites that scored it; empty if none was asked or none answered
     */
    record Released(ContentHash version, Participation participation, Optional<EvaluationCounts> evaluation)
            implements RoundOutcome {}

    /**
     * Too few sites took part. A floor, not a failure of the program: another attempt may have more.
     *
     * @param during the part of the round in which it became certain
     * @param have sites that accepted (inviting), updates that arrived (collecting), or sites that helped to open the sum
     *     (recovering)
     * @param need the fewest that would have done
     */
    record TooFew(Part during, int have, int need, Participation participation) implements RoundOutcome {
        /** Part of a round that has a floor. */
        public enum Part {
            INVITING,
            COLLECTING,
            RECOVERING
        }
    }

    /** The sum could not be made into a version, such as when a member sent a malformed update. */
    record ReleaseFailed(String reason) implements RoundOutcome {}

    /** Somebody ended the federation while the round was under way. */
    record Cancelled(String reason) implements RoundOutcome {}

    /** For people, in one sentence. */
    default String description() {
        return switch (this) {
            case Released released ->
                "released " + released.version().abbreviated() + " with "
                        + released.participation().contributors().size() + " contributions";
            case TooFew tooFew ->
                tooFew.have()
                        + switch (tooFew.during()) {
                            case INVITING -> " sites accepted";
                            case COLLECTING -> " updates arrived";
                            case RECOVERING -> " sites helped to open the sum";
                        }
                        + ", at least " + tooFew.need() + " are needed";
            case ReleaseFailed failed -> "the sum could not be released: " + failed.reason();
            case Cancelled cancelled -> "cancelled: " + cancelled.reason();
        };
    }
}
