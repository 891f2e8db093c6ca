package dev.parley.rounds;

import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.key.EpochKeys;
import dev.parley.rounds.Effect.Rejection;
import dev.parley.rounds.FederationPhase.Agreeing;
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
import java.util.SortedMap;
import java.util.TreeMap;

/** The transitions of {@link FederationState}: keeps track of who is attached, and puts rounds one after another. */
final class FederationTransitions {
    private FederationTransitions() {}

    static Transition<FederationState> on(FederationState state, FederationEvent event) {
        return switch (event) {
            case FederationEvent.Start start ->
                state.phase() instanceof NotStarted ? gather(state, RoundId.first(), start.at()) : Transition.to(state);
            case FederationEvent.Resumed resumed -> resume(state, resumed.at());
            case FederationEvent.SiteAttached attached -> attach(state, attached);
            case FederationEvent.SiteDetached detached -> detach(state, detached.site(), detached.at());
            case FederationEvent.KeysAgreed agreed -> agree(state, agreed);
            // A round hears these from its federation alone, which knows who is attached.
            case RoundEvent.Start start -> Transition.to(state);
            case RoundEvent.SiteLost lost -> Transition.to(state);
            case RoundEvent.SiteReturned returned -> Transition.to(state);
            case RoundEvent roundEvent -> onRoundEvent(state, roundEvent);
        };
    }

    private static Transition<FederationState> attach(FederationState state, FederationEvent.SiteAttached event) {
        SiteName site = event.site();
        if (!event.announcement().site().equals(site.value())) {
            return Transition.to(state);
        }
        if (state.attached().contains(site)) {
            return attachAgain(state, event);
        }
        if (state.attached().size() >= FederationState.MAX_ATTACHED) {
            return Transition.to(state);
        }
        FederationState joined = withRoom(state.withAttached(RoundTransitions.with(state.attached(), site)));
        joined = joined.withKeys(joined.keys().with(site, event.announcement()));
        return switch (joined.phase()) {
            case Running running -> onRound(joined, running, new RoundEvent.SiteReturned(site, event.at()));
            case Gathering gathering -> planIfEnough(joined, gathering, event.at());
            case Agreeing agreeing ->
                agreeing.roster().position(site.value()).isPresent()
                        ? planAgain(joined, agreeing, event.at())
                        : Transition.to(joined);
            case NotStarted same -> Transition.to(joined);
            case Ended same -> Transition.to(joined);
        };
    }

    /** A new connection of a site that is not known to be gone; it may have missed what it was sent. */
    private static Transition<FederationState> attachAgain(FederationState state, FederationEvent.SiteAttached event) {
        SiteName site = event.site();
        if (state.keys().with(site, event.announcement()) == state.keys()) {
            return new Transition<>(
                    state,
                    outstanding(state).stream()
                            .flatMap(effect -> effect.only(site).stream())
                            .toList());
        }
        Transition<FederationState> gone = detach(state, site, event.at());
        return attach(gone.state(), event).after(gone.effects());
    }

    /** What was to be answered while nobody could answer may still be. */
    private static Transition<FederationState> resume(FederationState state, Instant at) {
        FederationPhase resumed = switch (state.phase()) {
            case Gathering gathering ->
                new Gathering(
                        gathering.next(),
                        later(gathering.deadline(), at.plus(state.spec().times().gathering())));
            case Agreeing agreeing -> {
                Instant deadline =
                        later(agreeing.deadline(), at.plus(state.spec().times().gathering()));
                yield new Agreeing(
                        agreeing.next(),
                        agreeing.roster(),
                        agreeing.awaited(),
                        later(agreeing.until(), at.plus(state.spec().times().invitation())),
                        deadline);
            }
            case Running running ->
                new Running(RoundTransitions.resume(
                        running.round(), at, state.spec().times().invitation()));
            case NotStarted same -> same;
            case Ended same -> same;
        };
        FederationState changed = resumed.equals(state.phase()) ? state : state.withPhase(resumed);
        return new Transition<>(changed, outstanding(changed));
    }

    static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Keys of sites that are gone are kept, because they mostly come back with the same, but not without bound. */
    private static FederationState withRoom(FederationState state) {
        return state.keys().sites().size() > FederationState.MAX_ATTACHED
                ? state.withKeys(state.keys().only(state.attached()))
                : state;
    }

    private static Transition<FederationState> detach(FederationState state, SiteName site, Instant at) {
        if (!state.attached().contains(site)) {
            return Transition.to(state);
        }
        FederationState left = state.withAttached(RoundTransitions.without(state.attached(), site));
        return switch (left.phase()) {
            case Running running -> onRound(left, running, new RoundEvent.SiteLost(site, at));
            case Agreeing agreeing ->
                agreeing.roster().position(site.value()).isPresent()
                        ? planAgain(left, agreeing, at)
                        : Transition.to(left);
            case Gathering same -> Transition.to(left);
            case NotStarted same -> Transition.to(left);
            case Ended same -> Transition.to(left);
        };
    }

    /** Chooses the members anew; what is agreed already is not asked for again. */
    private static Transition<FederationState> planAgain(FederationState state, Agreeing agreeing, Instant at) {
        Gathering gathering = new Gathering(agreeing.next(), agreeing.deadline());
        Transition<FederationState> planned = planIfEnough(state.withPhase(gathering), gathering, at);
        return planned.state().phase() instanceof Gathering
                ? planned.after(List.of(new Effect.ScheduleTick(gathering.deadline())))
                : planned;
    }

    private static Transition<FederationState> agree(FederationState state, FederationEvent.KeysAgreed event) {
        if (!(state.phase() instanceof Agreeing agreeing)
                || !event.roster().equals(agreeing.roster().hash())
                || !agreeing.awaited().containsKey(event.site())
                || event.encapsulations().values().stream()
                        .anyMatch(bytes -> bytes.size() != EpochKeys.ENCAPSULATION_BYTES)) {
            return Transition.to(state);
        }
        MemberSet asked = agreeing.awaited().get(event.site());
        if (!MemberSet.of(event.encapsulations().keySet()).equals(asked)) {
            return Transition.to(state);
        }
        SortedMap<SiteName, MemberSet> awaited = new TreeMap<>(agreeing.awaited());
        awaited.remove(event.site());
        FederationState agreed = state.withKeys(
                state.keys().withEncapsulations(agreeing.roster(), event.site(), event.encapsulations()));
        return awaited.isEmpty()
                ? plan(agreed, agreeing.next(), agreeing.roster(), event.at())
                : Transition.to(agreed.withPhase(new Agreeing(
                        agreeing.next(), agreeing.roster(), awaited, agreeing.until(), agreeing.deadline())));
    }

    /** Time has passed while sites agree: the round is planned without those that have not, if there are enough. */
    private static Transition<FederationState> onTick(FederationState state, Agreeing agreeing, Instant at) {
        if (at.isBefore(agreeing.until())) {
            return Transition.to(state, new Effect.ScheduleTick(agreeing.until()));
        }
        List<SiteName> answered = agreeing.roster().names().stream()
                .map(SiteName::new)
                .filter(site -> !agreeing.awaited().containsKey(site))
                .toList();
        int needed = needed(state, agreeing.next());
        if (answered.size() >= needed) {
            return plan(state, agreeing.next(), state.keys().roster(answered), at);
        }
        return at.isBefore(agreeing.deadline())
                ? planAgain(state, agreeing, at)
                : end(state, new FederationOutcome.TooFewSites(agreeing.next(), answered.size(), needed));
    }

    private static Transition<FederationState> onRoundEvent(FederationState state, RoundEvent event) {
        return switch (state.phase()) {
            case Running running -> onRound(state, running, event);
            case Agreeing agreeing ->
                switch (event) {
                    case RoundEvent.Tick tick -> onTick(state, agreeing, tick.at());
                    case RoundEvent.Cancel cancel -> end(state, new FederationOutcome.Cancelled(cancel.reason()));
                    case RoundEvent.SubmissionCompleted submission ->
                        rejectBetweenRounds(state, agreeing.next(), submission);
                    default -> Transition.to(state);
                };
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
                    case RoundEvent.SubmissionCompleted submission ->
                        rejectBetweenRounds(state, gathering.next(), submission);
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
            FederationState state, RoundId next, RoundEvent.SubmissionCompleted submission) {
        boolean past = submission.submission().federation().equals(state.spec().name())
                && submission.submission().round().compareTo(next) < 0;
        return reject(state, submission, past ? Rejection.LATE : Rejection.WRONG_PLAN);
    }

    private static Transition<FederationState> reject(
            FederationState state, RoundEvent.SubmissionCompleted submission, Rejection rejection) {
        return Transition.to(state, new Effect.RejectSubmission(submission.submission(), rejection));
    }

    private static Transition<FederationState> onRound(FederationState state, Running running, RoundEvent event) {
        Transition<RoundState> moved = running.round().on(event, state.attached());
        FederationState heard = acknowledged(state, event);
        // The same object says that nothing has changed: a journal leaves such events out.
        FederationState next = moved.state() == running.round() ? heard : heard.withPhase(new Running(moved.state()));
        Transition<FederationState> followed = switch (moved.state()) {
            case Closed closed -> afterRound(next, closed, event);
            case Evaluating evaluating -> Transition.to(next.withModel(evaluating.version()));
            case RoundState.Planned planned -> Transition.to(next);
            case RoundState.Inviting inviting -> Transition.to(next);
            case RoundState.Collecting collecting -> Transition.to(next);
            case RoundState.Recovering recovering -> Transition.to(next);
            case RoundState.RecoveringCounts recovering -> Transition.to(next);
            case RoundState.Releasing releasing -> Transition.to(next);
        };
        return followed.after(moved.effects());
    }

    /** Who has dealt under the plan has what its peers encapsulated to it; it is not sent again. */
    private static FederationState acknowledged(FederationState state, RoundEvent event) {
        if (!(event instanceof RoundEvent.SiteAccepted accepted)
                || !(state.phase() instanceof Running running)
                || !accepted.planHash().equals(running.round().terms().planHash())) {
            return state;
        }
        RoundTerms terms = running.round().terms();
        KeyDirectory keys =
                state.keys().acknowledged(terms.roster(), terms.plan().masking().terms(), accepted.site());
        return keys == state.keys() ? state : state.withKeys(keys);
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

    static Transition<FederationState> gather(FederationState state, RoundId next, Instant at) {
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
        FederationSpec spec = state.spec();
        Roster roster = state.keys().roster(CohortSample.of(state.attached(), spec, gathering.next()));
        SecureSumTerms terms = spec.update().masking().terms(roster.size());
        SortedMap<SiteName, MemberSet> missing = state.keys().missing(roster, terms);
        if (missing.isEmpty()) {
            return plan(state, gathering.next(), roster, at);
        }
        Instant until = at.plus(spec.times().invitation());
        Agreeing agreeing = new Agreeing(
                gathering.next(),
                roster,
                missing,
                until.isBefore(gathering.deadline()) ? until : gathering.deadline(),
                gathering.deadline());
        return Transition.to(
                state.withPhase(agreeing),
                new Effect.AgreeKeys(roster, missing),
                new Effect.ScheduleTick(agreeing.until()));
    }

    private static Transition<FederationState> plan(FederationState state, RoundId id, Roster roster, Instant at) {
        return onRound(
                state, new Running(new RoundState.Planned(terms(state, id, roster, at))), new RoundEvent.Start(at));
    }

    private static int needed(FederationState state, RoundId next) {
        CohortRule cohort = state.spec().cohort();
        return next.equals(RoundId.first()) ? cohort.starting() : cohort.minimum();
    }

    private static RoundTerms terms(FederationState state, RoundId id, Roster roster, Instant at) {
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
                roster.names().stream().map(SiteName::new).toList(),
                roster.hash(),
                switch (task) {
                    case Task.AgreeStatistics statistics -> update.statisticsBound();
                    case Task.Train train -> update.clipNorm();
                },
                update.exampleCap(),
                update.proximalMu(),
                update.noise(),
                update.masking().of(task, roster.size()),
                spec.evaluates(task),
                spec.seed(),
                // The contract counts milliseconds: a deadline between two would be another one at the site.
                invitationDeadline.plus(spec.times().collecting()).truncatedTo(ChronoUnit.MILLIS));
        return new RoundTerms(
                plan,
                plan.hash(),
                spec.cohort().minimum(),
                spec.cohort().quorum(),
                roster,
                state.keys().undelivered(roster, plan.masking().terms()),
                invitationDeadline,
                spec.times().recovering(),
                spec.evaluates(task)
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
            case Agreeing agreeing ->
                List.of(
                        new Effect.AgreeKeys(agreeing.roster(), agreeing.awaited()),
                        new Effect.ScheduleTick(agreeing.until()));
            case Running running -> RoundTransitions.outstanding(running.round());
            case Ended ended -> List.of(new Effect.EndFederation(state.modelHash(), ended.outcome()));
        };
    }
}
