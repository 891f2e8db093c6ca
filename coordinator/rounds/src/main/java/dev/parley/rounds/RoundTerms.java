package dev.parley.rounds;

import dev.parley.privacy.update.ContentHash;
import java.time.Duration;
import java.time.Instant;

/**
 * What does not change while a round runs.
 *
 * @param planHash the plan's hash, kept because every answer is compared with it
 * @param minimum sites that must accept before the round collects
 * @param quorum fewest updates with which it may release
 * @param invitationDeadline the last moment at which an answer counts for the minimum
 * @param evaluation whether and how the version is scored
 */
public record RoundTerms(
        RoundPlan plan,
        ContentHash planHash,
        int minimum,
        int quorum,
        Instant invitationDeadline,
        EvaluationTerms evaluation) {

    /** Whether a version is scored after its release. */
    public sealed interface EvaluationTerms {
        /** It is not. */
        record NotEvaluated() implements EvaluationTerms {}

        /**
         * It is.
         *
         * @param within the longest that it may take
         * @param classes number of classes that every site's counts must have
         */
        record Evaluated(Duration within, int classes) implements EvaluationTerms {}
    }
}
