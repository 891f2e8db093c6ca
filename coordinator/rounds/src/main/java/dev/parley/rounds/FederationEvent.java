package dev.parley.rounds;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.update.ContentHash;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Something that happened to a federation. Events are all that a journal needs to hold: the same events in the same order
 * give the same states.
 */
public sealed interface FederationEvent
        permits FederationEvent.Start,
                FederationEvent.Resumed,
                FederationEvent.SiteAttached,
                FederationEvent.SiteDetached,
                FederationEvent.KeysAgreed,
                RoundEvent {
    /** When the coordinator saw it; decides which deadlines had passed. */
    Instant at();

    /** From now on rounds are planned. */
    record Start(Instant at) implements FederationEvent {}

    /**
     * The coordinator is back after it was gone. Sites count as attached until they are said to be detached; whoever was asked
     * something and could not answer has the time for it anew, up to the plan's deadline, which sites have been shown.
     */
    record Resumed(Instant at) implements FederationEvent {}

    /**
     * A site can be reached. One that was attached already has a new connection: with the same keys it is sent again what is
     * open for it, with others it is a site that has gone and come back.
     *
     * @param announcement the site's keys, which the caller has authenticated as this site's
     */
    record SiteAttached(SiteName site, Announcement announcement, Instant at) implements FederationEvent {}

    /** A site can no longer be reached. */
    record SiteDetached(SiteName site, Instant at) implements FederationEvent {}

    /**
     * A site has agreed on secrets with the peers that it was asked to.
     *
     * @param roster of the {@link Effect.AgreeKeys} that it answers
     * @param encapsulations by the peer's position
     */
    record KeysAgreed(SiteName site, ContentHash roster, SortedMap<Integer, Bytes> encapsulations, Instant at)
            implements FederationEvent {
        public KeysAgreed {
            encapsulations = Collections.unmodifiableSortedMap(new TreeMap<>(encapsulations));
        }
    }
}
