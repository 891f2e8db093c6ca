package dev.parley.server.cluster;

import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.Effect;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.RoundPlan;
import java.util.List;
import java.util.SortedMap;

/** What the federation says to a site. */
public sealed interface SiteMessage {
    /** Agree on secrets with these members of a roster. */
    record AgreeKeys(ContentHash roster, MemberSet peers) implements SiteMessage {}

    /** Take part in this round; with what members before this site have encapsulated to it, by position. */
    record Plan(RoundPlan plan, SortedMap<Integer, Bytes> encapsulations) implements SiteMessage {}

    /** Who is in the cohort. */
    record Cohort(ContentHash plan, Effect.Notices notices, int members) implements SiteMessage {}

    /** Sign that these are the survivors. */
    record Survivors(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors, int members)
            implements SiteMessage {}

    /** Reveal shares. */
    record Opening(ContentHash plan, Purpose purpose, List<Confirmation> confirmations) implements SiteMessage {}

    /** A round ended with a new model. */
    record Released(RoundId id, ContentHash model, int contributions) implements SiteMessage {}

    /** A round ended without one; the model stays. */
    record Abandoned(RoundId id, String reason) implements SiteMessage {}

    /** Score this model on the held-out records. */
    record Evaluate(int round, ContentHash model, ContentHash learning) implements SiteMessage {}

    /** Nothing more will be asked. The link is closed after it. */
    record Ended(ContentHash model, String outcome) implements SiteMessage {}
}
