package dev.parley.rounds;

import dev.parley.privacy.update.ContentHash;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where one federation stands: its rounds in sequence, each tried again when it is abandoned, the sites that can be
 * reached, and the current model.
 *
 * <p><b>Guarantees</b>: at most one release for each round; the model changes only by a committed release; the same events
 * in the same order give equal states; whatever sites do, ticks and answers to {@link Effect.Release} lead to
 * {@link FederationPhase.Ended}. Its size is bounded by attached sites, one cohort, and one line of history for each
 * attempt.
 *
 * @param layoutHash the layout of every model and update of this federation
 * @param modelHash the model that the next plan names: the initial one, or the last committed version
 * @param attached sites that can be reached
 * @param keys what sites have announced and agreed; of sites that are gone, only while there is room
 * @param history closed rounds, oldest first
 */
public record FederationState(
        FederationSpec spec,
        ContentHash layoutHash,
        ContentHash modelHash,
        SortedSet<SiteName> attached,
        KeyDirectory keys,
        FederationPhase phase,
        List<CompletedRound> history) {
    /** Most sites attached to one federation; a bound on memory. A site beyond it is not taken in. */
    public static final int MAX_ATTACHED = 100_000;

    public FederationState {
        attached = Participation.sortedCopy(attached);
        history = List.copyOf(history);
    }

    public static FederationState initial(FederationSpec spec, ContentHash layoutHash, ContentHash modelHash) {
        return new FederationState(
                spec,
                layoutHash,
                modelHash,
                new TreeSet<>(),
                KeyDirectory.empty(),
                new FederationPhase.NotStarted(),
                List.of());
    }

    public Transition<FederationState> on(FederationEvent event) {
        return FederationTransitions.on(this, event);
    }

    /**
     * What is still to be done in this state, for a shell that has lost what it was doing: plans to sites that have not
     * answered with an update, the release, evaluations, the next tick. Updates that are counted are not in it, but in
     * {@link #accumulated}.
     */
    public List<Effect> outstanding() {
        return FederationTransitions.outstanding(this);
    }

    /** What a shell that has lost the sum of the round under way adds to it again. */
    public List<Effect.Accumulate> accumulated() {
        if (!(phase instanceof FederationPhase.Running running)) {
            return List.of();
        }
        List<Effect.Accumulate> accumulated = new ArrayList<>();
        standings(running.round()).forEach((site, standing) -> {
            if (standing instanceof Standing.Submitted submitted) {
                accumulated.add(new Effect.Accumulate(
                        new SubmissionId(spec.name(), running.round().plan().id(), site), submitted.content()));
            }
        });
        return accumulated;
    }

    /** Of a round that can still release. */
    private static SortedMap<SiteName, Standing> standings(RoundState round) {
        return switch (round) {
            case RoundState.Open open -> open.standings();
            case RoundState.Recovering recovering -> recovering.standings();
            case RoundState.Releasing releasing -> releasing.standings();
            case RoundState.Planned planned -> new TreeMap<>();
            case RoundState.Evaluating evaluating -> new TreeMap<>();
            case RoundState.RecoveringCounts recovering -> new TreeMap<>();
            case RoundState.Closed closed -> new TreeMap<>();
        };
    }

    FederationState withPhase(FederationPhase next) {
        return new FederationState(spec, layoutHash, modelHash, attached, keys, next, history);
    }

    FederationState withAttached(SortedSet<SiteName> sites) {
        return new FederationState(spec, layoutHash, modelHash, sites, keys, phase, history);
    }

    FederationState withKeys(KeyDirectory changed) {
        return new FederationState(spec, layoutHash, modelHash, attached, changed, phase, history);
    }

    FederationState withModel(ContentHash model) {
        return new FederationState(spec, layoutHash, model, attached, keys, phase, history);
    }

    FederationState withHistory(CompletedRound round) {
        List<CompletedRound> longer = new ArrayList<>(history);
        longer.add(round);
        return new FederationState(spec, layoutHash, modelHash, attached, keys, phase, longer);
    }
}
