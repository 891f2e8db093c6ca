package dev.parley.rounds;

import dev.parley.privacy.update.ContentHash;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * A federation between two rounds, which is all that a snapshot has to hold: whatever a round keeps is gone by then, and the
 * next one follows from this. {@code resume} gives the state that was there when it was taken.
 *
 * @param next the round that follows
 * @param at when the last one ended
 */
public record RoundBoundary(
        ContentHash modelHash,
        SortedSet<SiteName> attached,
        KeyDirectory keys,
        RoundId next,
        Instant at,
        List<CompletedRound> history) {
    public RoundBoundary {
        attached = Participation.sortedCopy(attached);
        history = List.copyOf(history);
    }

    /** The boundary that {@code event} has led over, if it has, from {@code before} to {@code after}. */
    public static Optional<RoundBoundary> crossed(
            FederationState before, FederationEvent event, FederationState after) {
        if (after.history().size() != before.history().size() + 1) {
            return Optional.empty();
        }
        Optional<RoundId> next = switch (after.phase()) {
            case FederationPhase.Gathering gathering -> Optional.of(gathering.next());
            case FederationPhase.Agreeing agreeing -> Optional.of(agreeing.next());
            case FederationPhase.Running running ->
                Optional.of(running.round().plan().id());
            case FederationPhase.NotStarted impossible -> Optional.empty();
            case FederationPhase.Ended ended -> Optional.empty();
        };
        return next.map(id ->
                new RoundBoundary(after.modelHash(), after.attached(), after.keys(), id, event.at(), after.history()));
    }

    /** The state beyond this boundary. */
    public FederationState resume(FederationSpec spec, ContentHash layoutHash) {
        FederationState between = new FederationState(
                spec, layoutHash, modelHash, attached, keys, new FederationPhase.NotStarted(), history);
        return FederationTransitions.gather(between, next, at).state();
    }
}
