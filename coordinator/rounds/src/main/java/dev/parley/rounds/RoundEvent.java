package dev.parley.rounds;

import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that happened to a round. Every event that comes from a site or from slow work names its plan or its round, so
 * that one which arrives too late, twice or for another round is recognised.
 */
public sealed interface RoundEvent extends FederationEvent {
    /** The plan goes out. Comes from the federation; from elsewhere it has no effect. */
    record Start(Instant at) implements RoundEvent {}

    /**
     * A site will take part; it begins to work at once.
     *
     * @param deals what it has dealt for the round's sums
     */
    record SiteAccepted(SiteName site, ContentHash planHash, Deals deals, Instant at) implements RoundEvent {}

    /**
     * @param update for the sum of updates
     * @param evaluation for the sum of evaluations, if the plan says that there is one
     */
    record Deals(Deal update, Optional<Deal> evaluation) {}

    /** A site has signed the set of survivors that it was shown. */
    record SurvivorsConfirmed(
            SiteName site, ContentHash planHash, Purpose purpose, Confirmation confirmation, Instant at)
            implements RoundEvent {}

    /** A site has revealed its shares. */
    record SharesRevealed(SiteName site, ContentHash planHash, Purpose purpose, Opening opening, Instant at)
            implements RoundEvent {}

    /**
     * A site will not take part, or will no longer.
     *
     * @param rule the site's rule that said no; at most 200 characters are kept
     */
    record SiteRefused(SiteName site, ContentHash planHash, String rule, Instant at) implements RoundEvent {
        private static final int MAX_RULE_LENGTH = 200;

        public SiteRefused {
            rule = rule.length() > MAX_RULE_LENGTH ? rule.substring(0, MAX_RULE_LENGTH) : rule;
        }
    }

    /** A member cannot be reached; the round no longer waits for it. Comes from the federation, as {@link Start} does. */
    record SiteLost(SiteName site, Instant at) implements RoundEvent {}

    /** A lost member can be reached again. Comes from the federation, as {@link Start} does. */
    record SiteReturned(SiteName site, Instant at) implements RoundEvent {}

    /**
     * A site's update is completely held by the coordinator.
     *
     * @param submission names the site, which the caller has authenticated
     * @param planHash of the plan that the update answers
     * @param contentHash SHA-256 of the update's bytes
     */
    record SubmissionCompleted(SubmissionId submission, ContentHash planHash, ContentHash contentHash, Instant at)
            implements RoundEvent {}

    /** The new version is durably stored. */
    record ReleaseCommitted(RoundId round, ContentHash version, Instant at) implements RoundEvent {}

    /** There will be no version: the sum was unusable, or could not be stored. */
    record ReleaseFailed(RoundId round, String reason, Instant at) implements RoundEvent {}

    /**
     * A site has scored a version on its held-out records.
     *
     * @param masked its counts under the mask of the evaluation's session
     */
    record EvaluationReceived(SiteName site, RoundId round, ContentHash version, Bytes masked, Instant at)
            implements RoundEvent {}

    /** Time has passed; the answer to {@link Effect.ScheduleTick}. */
    record Tick(Instant at) implements RoundEvent {}

    /** End the federation and the round under way; a version that has been committed stays. */
    record Cancel(String reason, Instant at) implements RoundEvent {}
}
