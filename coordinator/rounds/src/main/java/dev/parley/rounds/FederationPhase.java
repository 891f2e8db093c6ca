package dev.parley.rounds;

import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Roster;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a federation is doing. */
public sealed interface FederationPhase {
    /** Sites may attach; nothing is planned. */
    record NotStarted() implements FederationPhase {}

    /**
     * Waiting until enough sites are attached for a round.
     *
     * @param next the round to be planned
     * @param deadline when the federation gives up
     */
    record Gathering(RoundId next, Instant deadline) implements FederationPhase {}

    /**
     * Enough sites are there; some of them agree on secrets first.
     *
     * @param next the round to be planned
     * @param roster the sites that will be in it
     * @param awaited sites that have not answered, with the peers that they were asked to agree with
     * @param until when the round is planned without those that have not
     * @param deadline when the federation gives up
     */
    record Agreeing(
            RoundId next, Roster roster, SortedMap<SiteName, MemberSet> awaited, Instant until, Instant deadline)
            implements FederationPhase {
        public Agreeing {
            awaited = Collections.unmodifiableSortedMap(new TreeMap<>(awaited));
        }
    }

    /** A round is under way. */
    record Running(RoundState round) implements FederationPhase {}

    /** Over. */
    record Ended(FederationOutcome outcome) implements FederationPhase {}
}
