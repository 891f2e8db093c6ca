package dev.parley.rounds;

import dev.parley.privacy.update.ContentHash;
import java.time.Instant;
import java.util.SortedSet;

/** What the shell around the state machines (the actor, the simulator) has to do, in the order given. */
public sealed interface Effect {
    /** Send the plan to these sites. */
    record Invite(RoundPlan plan, SortedSet<SiteName> sites) implements Effect {}

    /** The round has enough members; nothing is sent. For whoever shows progress. */
    record StartCollecting(RoundId round, Instant deadline) implements Effect {}

    /** Add the held update to the round's sum, exactly once. */
    record Accumulate(SubmissionId submission, ContentHash contentHash) implements Effect {}

    /** Answer that the update does not count, and drop it. Said again each time that the same submission comes. */
    record RejectSubmission(SubmissionId submission, Rejection rejection) implements Effect {}

    /** Make a version of the sum, store it, answer with ReleaseCommitted or ReleaseFailed. Once for each round. */
    record Release(RoundPlan plan, SortedSet<SiteName> contributors) implements Effect {}

    /** Ask these sites to score a version on their held-out records. */
    record RequestEvaluation(RoundId round, ContentHash version, SortedSet<SiteName> sites) implements Effect {}

    /** A site's evaluation does not count, because of what is in it. */
    record RejectEvaluation(RoundId round, SiteName site, String reason) implements Effect {}

    /** The round is over; tell the cohort, drop what is held for it. */
    record CloseRound(RoundPlan plan, RoundOutcome outcome) implements Effect {}

    /** Send a Tick at this time. One timer is enough: a new request replaces the last. */
    record ScheduleTick(Instant at) implements Effect {}

    /** The federation is over; nothing follows. */
    record EndFederation(ContentHash modelHash, FederationOutcome outcome) implements Effect {}

    /** Why an update does not count. */
    enum Rejection {
        /** Its round, or its round's collecting, is over. */
        LATE,
        /** The site's update for this round is already counted, with other bytes. */
        DUPLICATE,
        /** The site is not in the round's cohort. */
        NOT_IN_COHORT,
        /** The site has refused this round. */
        REFUSED_BEFORE,
        /** It answers a plan that this federation has not made. */
        WRONG_PLAN
    }
}
