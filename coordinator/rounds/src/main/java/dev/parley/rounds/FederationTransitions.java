package dev.parley.rounds;

import dev.parley.rounds.Effect.Rejection;
import dev.parley.rounds.FederationPhase.Ended;
import dev.parley.rounds.FederationPhase.Gathering;
import dev.parley.rounds.FederationPhase.NotStarted;
import dev.parley.rounds.FederationPhase.Running;
import dev.parley.rounds.RoundState.Closed;
import dev.parley.rounds.RoundState.Evaluating;
import dev.parley.rounds.RoundTerms.EvaluationTerms;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** The transitions of {@link FederationState}: keeps track of who is attached, and puts rounds one after another. */
final class FederationTransitions {
    private FederationTransitions() {}

    static Transition<FederationState> on(FederationState state, FederationEvent event) {
        return switch (event) {
            case FederationEvent.Start start ->
                state.phase() instanceof NotStarted ? gather(state, RoundId.first(), start.at()) : Transition.to(state);
            case FederationEvent.SiteAttached attached -> attach(state, attached.site(), attached.at());
            case FederationEvent.SiteDetached detached -> detach(state, detached.site(), detached.at());
            // A round hears these from its federation alone, which knows who is attached.
            case RoundEvent.Start start -> Transition.to(state);
            case RoundEvent.SiteLost lost -> Transition.to(state);
            case RoundEvent.SiteReturned returned -> Transition.to(state);
            case RoundEvent roundEvent -> onRoundEvent(state, roundEvent);
        };
    }

    private static Transition<FederationState> attach(FederationState state, SiteName site, Instant at) {
        if (state.attached().contains(site) || state.attached().size() >= FederationState.MAX_ATTACHED) {
            return Transition.to(state);
        }
        FederationState joined = state.withAttached(RoundTransitions.with(state.attached(), site));
        return switch (joined.phase()) {
            case Running running -> onRound(joined, running, new RoundEvent.SiteReturned(site, at));
            case Gathering gathering -> planIfEnough(joined, gathering, at);
            case NotStarted same -> Transition.to(joined);
            case Ended same -> Transition.to(joined);
        };
    }

    private static Transition<FederationState> detach(FederationState state, SiteName site, Instant at) {
        if (!state.attached().contains(site)) {
            return Transition.to(state);
        }
        FederationState left = state.withAttached(RoundTransitions.without(state.attached(), site));
        return left.phase() instanceof Running running
                ? onRound(left, running, new RoundEvent.SiteLost(site, at))
                : Transition.to(left);
    }

    private static Transition<FederationState> onRoundEvent(FederationState state, RoundEvent event) {
        return switch (state.phase()) {
            case Running running -> onRound(state, running, event);
            case Gathering gathering ->
                switch (event) {
                    case RoundEvent.Tick tick ->
                        tick.at().isBefore(gathering.deadline())
                                ? Transition.to(state, new Effect.ScheduleTick(gathering.deadline()))
                                : end(
                                        state,
                                        new FederationOutcome.TooFewSites(
                                                gathering.next(),
                                                state.attached().size(),
                                                needed(state, gathering.next())));
                    case RoundEvent.Cancel cancel -> end(state, new FederationOutcome.Cancelled(cancel.reason()));
                    case RoundEvent.SubmissionCompleted submission -> rejectBetweenRounds(state, gathering, submission);
                    default -> Transition.to(state);
                };
            case NotStarted notStarted ->
                switch (event) {
                    case RoundEvent.Cancel cancel -> end(state, new FederationOutcome.Cancelled(cancel.reason()));
                    case RoundEvent.SubmissionCompleted submission -> reject(state, submission, Rejection.WRONG_PLAN);
                    default -> Transition.to(state);
                };
            case Ended ended ->
                event instanceof RoundEvent.SubmissionCompleted submission
                        ? reject(state, submission, Rejection.LATE)
                        : Transition.to(state);
        };
    }

    private static Transition<FederationState> rejectBetweenRounds(
            FederationState state, Gathering gathering, RoundEvent.SubmissionCompleted submission) {
        boolean past = submission.submission().federation().equals(state.spec().name())
                && submission.submission().round().compareTo(gathering.next()) < 0;
        return reject(state, submission, past ? Rejection.LATE : Rejection.WRONG_PLAN);
    }

    private static Transition<FederationState> reject(
            FederationState state, RoundEvent.SubmissionCompleted submission, Rejection rejection) {
        return Transition.to(state, new Effect.RejectSubmission(submission.submission(), rejection));
    }

    private static Transition<FederationState> onRound(FederationState state, Running running, RoundEvent event) {
        Transition<RoundState> moved = running.round().on(event, state.attached());
        FederationState next = state.withPhase(new Running(moved.state()));
        Transition<FederationState> followed = switch (moved.state()) {
            case Closed closed -> afterRound(next, closed, event);
            case Evaluating evaluating -> Transition.to(next.withModel(evaluating.version()));
            case RoundState.Planned planned -> Transition.to(next);
            case RoundState.Inviting inviting -> Transition.to(next);
            case RoundState.Collecting collecting -> Transition.to(next);
            case RoundState.Releasing releasing -> Transition.to(next);
        };
        return followed.after(moved.effects());
    }

    private static Transition<FederationState> afterRound(FederationState state, Closed closed, RoundEvent event) {
        RoundId id = closed.terms().plan().id();
        FederationState recorded =
                state.withHistory(new CompletedRound(id, closed.terms().plan().task(), closed.outcome()));
        FederationState current = closed.outcome() instanceof RoundOutcome.Released released
                ? recorded.withModel(released.version())
                : recorded;
        if (event instanceof RoundEvent.Cancel cancel) {
            return end(current, new FederationOutcome.Cancelled(cancel.reason()));
        }
        boolean released = closed.outcome() instanceof RoundOutcome.Released;
        if (released && id.round() + 1 == state.spec().totalRounds()) {
            return end(current, new FederationOutcome.Completed());
        }
        if (!released && id.attempt() + 1 == state.spec().maxAttempts()) {
            return end(current, new FederationOutcome.AttemptsExhausted(id, closed.outcome()));
        }
        return gather(current, released ? id.nextRound() : id.nextAttempt(), event.at());
    }

    private static Transition<FederationState> gather(FederationState state, RoundId next, Instant at) {
        Gathering gathering = new Gathering(next, at.plus(state.spec().times().gathering()));
        Transition<FederationState> planned = planIfEnough(state.withPhase(gathering), gathering, at);
        return planned.state().phase() instanceof Gathering
                ? planned.after(List.of(new Effect.ScheduleTick(gathering.deadline())))
                : planned;
    }

    private static Transition<FederationState> planIfEnough(FederationState state, Gathering gathering, Instant at) {
        if (state.attached().size() < needed(state, gathering.next())) {
            return Transition.to(state);
        }
        return onRound(
                state,
                new Running(new RoundState.Planned(terms(state, gathering.next(), at))),
                new RoundEvent.Start(at));
    }

    private static int needed(FederationState state, RoundId next) {
        CohortRule cohort = state.spec().cohort();
        return next.equals(RoundId.first()) ? cohort.starting() : cohort.minimum();
    }

    private static RoundTerms terms(FederationState state, RoundId id, Instant at) {
        FederationSpec spec = state.spec();
        UpdateRule update = spec.update();
        Task task = spec.task(id.round());
        Instant invitationDeadline = at.plus(spec.times().invitation());
        RoundPlan plan = new RoundPlan(
                spec.name(),
                id,
                task,
                state.modelHash(),
                state.layoutHash(),
                spec.learningHash(),
                spec.policyHash(),
                CohortSample.of(state.attached(), spec, id),
                switch (task) {
                    case Task.AgreeStatistics statistics -> update.statisticsBound();
                    case Task.Train train -> update.clipNorm();
                },
                spec.cohort().maximum(),
                update.exampleCap(),
                update.proximalMu(),
                update.noise(),
                update.masking(),
                spec.seed(),
                // The contract counts milliseconds: a deadline between two would be another one at the site.
                invitationDeadline.plus(spec.times().collecting()).truncatedTo(ChronoUnit.MILLIS));
        return new RoundTerms(
                plan,
                plan.hash(),
                spec.cohort().minimum(),
                spec.cohort().quorum(),
                invitationDeadline,
                spec.evaluation().follows(task)
                        ? new EvaluationTerms.Evaluated(
                                spec.times().evaluating(), spec.evaluation().classes())
                        : new EvaluationTerms.NotEvaluated());
    }

    private static Transition<FederationState> end(FederationState state, FederationOutcome outcome) {
        return Transition.to(state.withPhase(new Ended(outcome)), new Effect.EndFederation(state.modelHash(), outcome));
    }

    static List<Effect> outstanding(FederationState state) {
        return switch (state.phase()) {
            case NotStarted notStarted -> List.of();
            case Gathering gathering -> List.of(new Effect.ScheduleTick(gathering.deadline()));
            case Running running -> RoundTransitions.outstanding(running.round());
            case Ended ended -> List.of(new Effect.EndFederation(state.modelHash(), ended.outcome()));
        };
    }
}
