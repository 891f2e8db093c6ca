package dev.parley.server.cluster;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import java.io.IOException;
import java.util.SortedSet;

/**
 * Told what happens to rounds, so that it is remembered where nobody can change it. Every call may come again for the
 * same plan, after a restart, and then changes nothing. Calls come from the engine's thread and return when what they
 * tell is safe.
 */
public interface RoundTrail {
    /** Sites are about to be invited; the plan's roster is stored. */
    void planned(RoundPlan plan) throws IOException;

    /**
     * A version is stored and about to be in force.
     *
     * @throws IOException if it could not be remembered: then it must not be in force
     */
    void released(RoundPlan plan, SortedSet<SiteName> contributors, ContentHash version) throws IOException;

    /** A round is over; the sites are about to be told. */
    void closed(RoundPlan plan, RoundOutcome outcome) throws IOException;
}
