package dev.parley.server.cluster;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.RoundPlan;

/** What the federation says to a site. */
public sealed interface SiteMessage {
    /** Take part in this round. */
    record Plan(RoundPlan plan) implements SiteMessage {}

    /** A round ended with a new model. */
    record Released(RoundId id, ContentHash model, int contributions) implements SiteMessage {}

    /** A round ended without one; the model stays. */
    record Abandoned(RoundId id, String reason) implements SiteMessage {}

    /** Score this model on the held-out records. */
    record Evaluate(int round, ContentHash model, ContentHash learning) implements SiteMessage {}

    /** Nothing more will be asked. The link is closed after it. */
    record Ended(ContentHash model, String outcome) implements SiteMessage {}
}
