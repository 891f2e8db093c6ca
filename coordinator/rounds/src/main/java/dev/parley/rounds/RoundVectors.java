package dev.parley.rounds;

import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.WeightedMean;
import dev.parley.rounds.FederationPhase.Running;
import dev.parley.rounds.RoundState.Releasing;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of one federation, which follow its state: the model in force, what the optimiser remembers, one running sum and
 * one candidate, however many sites take part. Not thread-safe: one owner.
 */
public final class RoundVectors {
    private final FederationSpec spec;
    private final int threads;
    private ReleasedVersion current;
    private OptimizerState optimizerState;
    private @Nullable RoundSum sum;
    private @Nullable Prepared prepared;

    /** A release that waits for its commit. */
    private record Prepared(RoundId round, ReleasedVersion version, OptimizerState optimizerState) {}

    /**
     * @param current the version that the next plan names
     * @param optimizerState what the optimiser remembered when it was made
     * @param threads cores over which the masks of a sum are taken off, at least 1
     */
    public RoundVectors(FederationSpec spec, ReleasedVersion current, OptimizerState optimizerState, int threads) {
        this.spec = spec;
        this.current = current;
        this.optimizerState = optimizerState;
        this.threads = threads;
    }

    /** The version that the next plan names. */
    public ReleasedVersion current() {
        return current;
    }

    /** What the optimiser will remember if the candidate is committed; empty if there is none. */
    public Optional<OptimizerState> prepared() {
        return Optional.ofNullable(prepared).map(Prepared::optimizerState);
    }

    /**
     * Follows the federation from one state to the next.
     *
     * @throws IllegalArgumentException if a release is committed under a hash that {@link #release} did not return;
     *     nothing has changed then
     */
    public void follow(FederationState before, FederationEvent event, FederationState after) {
        committed(before, event).ifPresent(release -> {
            current = release.version();
            optimizerState = release.optimizerState();
        });
        follow(after);
    }

    private Optional<Prepared> committed(FederationState before, FederationEvent event) {
        if (!(event instanceof RoundEvent.ReleaseCommitted commit)
                || !(before.phase() instanceof Running running)
                || !(running.round() instanceof Releasing releasing)
                || !commit.round().equals(releasing.plan().id())) {
            return Optional.empty();
        }
        if (prepared == null
                || !prepared.round().equals(commit.round())
                || !prepared.version().hash().equals(commit.version())) {
            throw new IllegalArgumentException(commit.round() + " of " + spec.name() + " is committed as "
                    + commit.version().abbreviated() + ", expected "
                    + (prepared == null
                            ? "no commit: release() has not been called"
                            : prepared.version().hash()));
        }
        return Optional.of(prepared);
    }

    /** Keeps a sum exactly as long as its round can still release. */
    public void follow(FederationState state) {
        RoundPlan plan = state.phase() instanceof Running running && canRelease(running.round())
                ? running.round().plan()
                : null;
        if (plan == null) {
            sum = null;
            prepared = null;
        } else if (sum == null || !sum.plan().id().equals(plan.id())) {
            sum = new RoundSum(
                    plan, current.model().layout(), spec.update().masking().robust());
            prepared = null;
        }
    }

    private static boolean canRelease(RoundState round) {
        return switch (round) {
            case RoundState.Open open -> true;
            case RoundState.Recovering recovering -> true;
            case Releasing releasing -> true;
            case RoundState.Planned planned -> false;
            case RoundState.Evaluating evaluating -> false;
            case RoundState.RecoveringCounts recovering -> false;
            case RoundState.Closed closed -> false;
        };
    }

    /** An update that is being added, piece by piece, so that no vector but the sum is in memory. */
    public interface Accumulation {
        /** Adds what {@code bytes} completes. */
        void feed(ByteBuffer bytes);

        /** Every byte was fed. What does not fit has made the sum unusable, which {@link #release} then says. */
        void finish();

        /** The rest cannot be had: the sum is unusable. */
        void fail(String reason);
    }

    /**
     * Begins to add an update, whose bytes are those of {@link MaskedUpdate#toBytes}, to the sum of its round.
     *
     * @return empty if the update is already added or its round is over
     */
    public Optional<Accumulation> accumulate(Effect.Accumulate effect) {
        return sum != null && effect.submission().round().equals(sum.plan().id())
                ? sum.begin(effect.submission().site()).map(addition -> addition)
                : Optional.empty();
    }

    /** Like {@link #accumulate(Effect.Accumulate)}, for an update made in this process. */
    public void accumulate(Effect.Accumulate effect, MaskedUpdate update) {
        if (sum != null && effect.submission().round().equals(sum.plan().id())) {
            sum.add(effect.submission().site(), update);
        }
    }

    /**
     * Makes the round's sum into a candidate. The model in force does not change before the commit; a second call gives
     * the same candidate.
     */
    public ReleaseResult release(Effect.Release effect) {
        RoundId round = effect.plan().id();
        if (prepared != null && prepared.round().equals(round)) {
            return new ReleaseResult.Candidate(prepared.version());
        }
        if (sum == null || !sum.plan().equals(effect.plan())) {
            return new ReleaseResult.Unusable(round + " is not the one under way");
        }
        Optional<String> defect = sum.defect(effect.contributors());
        if (defect.isPresent()) {
            return new ReleaseResult.Unusable(defect.get());
        }
        WeightedMean mean;
        // From here on the masks are off, or half off: whatever goes wrong, this sum is not opened again.
        try {
            mean = sum.open(effect.recovery(), effect.contributors(), threads);
        } catch (IllegalStateException e) {
            String reason = "a member sent a malformed update: " + e.getMessage();
            sum.spoil(reason);
            return new ReleaseResult.Unusable(reason);
        }
        ServerOptimizer.Step step = switch (effect.plan().task()) {
            // Moments are agreed, not learned: their mean is applied as it is, and no optimiser remembers it.
            case Task.AgreeStatistics statistics ->
                new ServerOptimizer.Step(current.model().plus(mean.update(), 1f), optimizerState);
            case Task.Train train -> spec.optimizer().step(current.model(), mean, optimizerState);
        };
        int bad = step.model().firstNonFinite();
        if (bad >= 0) {
            String reason = "the new model is not finite at value " + bad
                    + ": lower the server's learning rate or the clip norm";
            sum.spoil(reason);
            return new ReleaseResult.Unusable(reason);
        }
        prepared = new Prepared(round, ReleasedVersion.of(step.model()), step.state());
        return new ReleaseResult.Candidate(prepared.version());
    }
}
