package dev.parley.rounds;

import java.time.Instant;

/**
 * Something that happened to a federation. Events are all that a journal needs to hold: the same events in the same order
 * give the same states.
 */
public sealed interface FederationEvent
        permits FederationEvent.Start, FederationEvent.SiteAttached, FederationEvent.SiteDetached, RoundEvent {
    /** When the coordinator saw it; decides which deadlines had passed. */
    Instant at();

    /** From now on rounds are planned. */
    record Start(Instant at) implements FederationEvent {}

    /**
     * A site can be reached. A connection that replaces another is a {@link SiteDetached} and then this, so that the site
     * is sent again what is open for it.
     */
    record SiteAttached(SiteName site, Instant at) implements FederationEvent {}

    /** A site can no longer be reached. */
    record SiteDetached(SiteName site, Instant at) implements FederationEvent {}
}
