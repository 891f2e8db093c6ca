package dev.parley.server.journal;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationEvent;
import java.util.List;

/** One entry of a federation's journal. */
public sealed interface JournalEvent {
    /** The first entry: what the federation was begun with. It never changes. */
    record Opened(PinnedSettings settings) implements JournalEvent {}

    /**
     * Something happened.
     *
     * @param optimizer blobs of what the optimiser remembers, for a committed release; else empty
     */
    record Happened(FederationEvent event, List<ContentHash> optimizer) implements JournalEvent {
        public Happened {
            optimizer = List.copyOf(optimizer);
        }
    }
}
