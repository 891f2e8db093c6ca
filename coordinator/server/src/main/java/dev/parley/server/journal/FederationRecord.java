package dev.parley.server.journal;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.Effect;
import dev.parley.rounds.FederationPhase;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.FederationState;
import dev.parley.rounds.RoundBoundary;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.Transition;
import dev.parley.server.status.FederationStatus.RoundSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a journal says, read so far. */
public sealed interface FederationRecord {
    /** Nothing is written yet. */
    record Blank() implements FederationRecord {}

    /** It was written with other settings than this coordinator's; nothing in it is applied. */
    record OtherSettings(List<String> differences) implements FederationRecord {
        public OtherSettings {
            differences = List.copyOf(differences);
        }
    }

    /**
     * A federation under way, or ended.
     *
     * @param optimizer blobs of what the optimiser remembers; empty while it remembers nothing
     * @param since when the latest round began; the epoch before the first
     * @param summaries what people are shown of rounds that have ended, oldest first, at most {@link #MOST_SUMMARIES}
     * @param boundary if the last event has ended a round and another follows
     */
    record Underway(
            PinnedSettings settings,
            FederationState state,
            List<ContentHash> optimizer,
            Instant since,
            List<RoundSummary> summaries,
            Optional<RoundBoundary> boundary)
            implements FederationRecord {
        public Underway {
            optimizer = List.copyOf(optimizer);
            summaries = List.copyOf(summaries);
        }

        /** A federation that nothing has happened to. */
        public static Underway begun(
                PinnedSettings settings, FederationSpec spec, ContentHash layoutHash, ContentHash modelHash) {
            return new Underway(
                    settings,
                    FederationState.initial(spec, layoutHash, modelHash),
                    List.of(),
                    Instant.EPOCH,
                    List.of(),
                    Optional.empty());
        }

        /** @param transition what the state makes of {@code happened} */
        public Underway with(JournalEvent.Happened happened, Transition<FederationState> transition) {
            Instant begun = since;
            List<RoundSummary> ended = summaries;
            for (Effect effect : transition.effects()) {
                if (effect instanceof Effect.CloseRound closed) {
                    ended = newest(
                            ended,
                            RoundSummaries.of(
                                    closed,
                                    begun,
                                    happened.event().at(),
                                    transition.state().modelHash()));
                } else if (effect instanceof Effect.Invite invite
                        && !isRunning(invite.plan().id())) {
                    begun = happened.event().at();
                }
            }
            return new Underway(
                    settings,
                    transition.state(),
                    happened.optimizer().isEmpty() ? optimizer : happened.optimizer(),
                    begun,
                    ended,
                    RoundBoundary.crossed(state, happened.event(), transition.state()));
        }

        private static List<RoundSummary> newest(List<RoundSummary> earlier, RoundSummary last) {
            List<RoundSummary> all = new ArrayList<>(earlier);
            all.add(last);
            return all.subList(Math.max(0, all.size() - MOST_SUMMARIES), all.size());
        }

        private boolean isRunning(RoundId round) {
            return state.phase() instanceof FederationPhase.Running running
                    && running.round().plan().id().equals(round);
        }
    }

    /** Oldest rounds leave first; who needs all of them follows the JSON lines. */
    int MOST_SUMMARIES = 1000;
}
