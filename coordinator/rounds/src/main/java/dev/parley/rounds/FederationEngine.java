package dev.parley.rounds;

import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Optional;

/**
 * One federation's state joined with its vectors, so that the coordinator's actor and the simulator run the same code.
 * Deterministic: the same events, and the same updates for the same {@link Effect.Accumulate}s, give the same states and
 * the same model bits, in whatever order the updates of a round are added.
 *
 * <p>The shell's loop: {@link #handle} an event, do the effects in order; for {@code Accumulate} call {@link #accumulate},
 * for {@code Release} call {@link #release}, store the candidate, and handle {@code ReleaseCommitted}. Memory: the current
 * model, one running sum and one candidate, however many sites take part. Not thread-safe: one owner.
 */
public final class FederationEngine {
    private final RoundVectors vectors;
    private FederationState state;

    /** @param threads cores over which the masks of a sum are taken off, at least 1 */
    public FederationEngine(FederationSpec spec, ParameterVector initialModel, int threads) {
        ReleasedVersion initial = ReleasedVersion.of(initialModel);
        this.vectors = new RoundVectors(spec, initial, spec.optimizer().initial(initialModel.layout()), threads);
        this.state = FederationState.initial(spec, initialModel.layout().hash(), initial.hash());
    }

    public FederationState state() {
        return state;
    }

    /** The version that the next plan names; the initial model before the first release. */
    public ReleasedVersion current() {
        return vectors.current();
    }

    /**
     * Moves the federation on.
     *
     * @return what to do, in this order
     * @throws IllegalArgumentException as {@link RoundVectors#follow}; nothing has changed then
     */
    public List<Effect> handle(FederationEvent event) {
        Transition<FederationState> transition = state.on(event);
        vectors.follow(state, event, transition.state());
        state = transition.state();
        return transition.effects();
    }

    /** As {@link RoundVectors#accumulate(Effect.Accumulate)}. */
    public Optional<RoundVectors.Accumulation> accumulate(Effect.Accumulate effect) {
        return vectors.accumulate(effect);
    }

    /** Like {@link #accumulate(Effect.Accumulate)}, for an update made in this process. */
    public void accumulate(Effect.Accumulate effect, MaskedUpdate update) {
        vectors.accumulate(effect, update);
    }

    /** As {@link RoundVectors#release}. */
    public ReleaseResult release(Effect.Release effect) {
        return vectors.release(effect);
    }
}
