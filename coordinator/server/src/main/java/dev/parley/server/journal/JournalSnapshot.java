package dev.parley.server.journal;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.RoundBoundary;
import dev.parley.server.status.FederationStatus.RoundSummary;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A {@link FederationRecord.Underway} between two rounds. */
public record JournalSnapshot(
        PinnedSettings settings,
        List<ContentHash> optimizer,
        Instant since,
        List<RoundSummary> summaries,
        RoundBoundary boundary) {
    public JournalSnapshot {
        optimizer = List.copyOf(optimizer);
        summaries = List.copyOf(summaries);
    }

    /** @throws IllegalArgumentException if the record is not between two rounds */
    public static JournalSnapshot of(FederationRecord.Underway record) {
        RoundBoundary boundary = record.boundary()
                .orElseThrow(() -> new IllegalArgumentException("a snapshot is taken between two rounds"));
        return new JournalSnapshot(record.settings(), record.optimizer(), record.since(), record.summaries(), boundary);
    }

    /** The record that it was taken of. */
    public FederationRecord.Underway resume(FederationSpec spec, ContentHash layoutHash) {
        return new FederationRecord.Underway(
                settings, boundary.resume(spec, layoutHash), optimizer, since, summaries, Optional.of(boundary));
    }
}
