package dev.parley.server.status;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a federation: where it stands and how it came there. The one seam between what runs rounds and what
 * shows them; whoever reads here cannot change a round.
 */
public interface FederationRecord {
    /** Where it stands; empty for the moment before it has begun. */
    Optional<FederationStatus> status();

    /** Every attempt at a round that is remembered, the running one included, oldest first. */
    List<RoundRecord> rounds();

    /** Every site that has attached, ascending by name. */
    List<SiteRecord> sites();

    /** The model before the first round; empty for the moment before the federation has begun. */
    Optional<String> initialModel();

    /** A number that grows with each change, from 0. It starts anew with the coordinator. */
    long sequence();

    /**
     * Waits until something has changed after {@code sequence}.
     *
     * @return {@link #sequence} now; the one given if nothing changed within {@code limit}
     */
    long awaitChange(long sequence, Duration limit) throws InterruptedException;
}
