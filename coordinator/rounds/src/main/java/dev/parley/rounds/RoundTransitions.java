package dev.parley.rounds;

import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.rounds.Effect.Rejection;
import dev.parley.rounds.RoundOutcome.TooFew;
import dev.parley.rounds.RoundState.Closed;
import dev.parley.rounds.RoundState.Collecting;
import dev.parley.rounds.RoundState.Evaluating;
import dev.parley.rounds.RoundState.Inviting;
import dev.parley.rounds.RoundState.Open;
import dev.parley.rounds.RoundState.Planned;
import dev.parley.rounds.RoundState.Releasing;
import dev.parley.rounds.RoundTerms.EvaluationTerms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The transitions of {@link RoundState}. First the time that an event carries passes, then the event happens. */
final class RoundTransitions {
    private RoundTransitions() {}

    static Transition<RoundState> on(RoundState state, RoundEvent event, SortedSet<SiteName> attached) {
        Transition<RoundState> now = passTime(state, event);
        if (event instanceof RoundEvent.Tick) {
            // A tick that came before its time must not be the last one.
            return now.effects().isEmpty() ? new Transition<>(state, nextTick(state)) : now;
        }
        return happen(now.state(), event, attached).after(now.effects());
    }

    /** A tick at the deadline ends what the deadline ends; an update that is seen at the deadline still counts. */
    private static boolean isOver(Instant deadline, RoundEvent event) {
        return event instanceof RoundEvent.Tick
                ? !event.at().isBefore(deadline)
                : event.at().isAfter(deadline);
    }

    private static Transition<RoundState> passTime(RoundState state, RoundEvent event) {
        Optional<Instant> deadline = deadline(state);
        if (deadline.isEmpty() || !isOver(deadline.get(), event)) {
            return Transition.to(state);
        }
        return switch (state) {
            case Inviting inviting -> {
                Transition<RoundState> next = endInvitation(inviting);
                yield passTime(next.state(), event).after(next.effects());
            }
            case Collecting collecting -> endCollecting(collecting);
            case Evaluating evaluating -> endEvaluation(evaluating);
            case Planned planned -> Transition.to(planned);
            case Releasing releasing -> Transition.to(releasing);
            case Closed closed -> Transition.to(closed);
        };
    }

    private static Transition<RoundState> happen(RoundState state, RoundEvent event, SortedSet<SiteName> attached) {
        return switch (event) {
            case RoundEvent.Start start -> state instanceof Planned planned ? invite(planned) : Transition.to(state);
            case RoundEvent.SiteAccepted accepted -> accept(state, accepted);
            case RoundEvent.SiteRefused refused -> refuse(state, refused);
            case RoundEvent.SubmissionCompleted submission -> submit(state, submission);
            case RoundEvent.SiteLost lost -> lose(state, lost.site());
            case RoundEvent.SiteReturned returned -> takeBack(state, returned.site());
            case RoundEvent.ReleaseCommitted committed -> commit(state, committed, attached);
            case RoundEvent.ReleaseFailed failed ->
                state instanceof Releasing releasing
                                && failed.round().equals(releasing.plan().id())
                        ? close(releasing.terms(), new RoundOutcome.ReleaseFailed(failed.reason()))
                        : Transition.to(state);
            case RoundEvent.EvaluationReceived evaluation -> evaluate(state, evaluation);
            case RoundEvent.Tick tick -> Transition.to(state);
            case RoundEvent.Cancel cancel -> cancel(state, cancel.reason());
        };
    }

    // ---- inviting and collecting

    private static Transition<RoundState> invite(Planned planned) {
        SortedMap<SiteName, Standing> standings = new TreeMap<>();
        planned.plan().cohort().forEach(site -> standings.put(site, new Standing.Invited()));
        return Transition.to(
                new Inviting(planned.terms(), standings),
                new Effect.Invite(planned.plan(), Participation.sortedCopy(standings.keySet())),
                new Effect.ScheduleTick(planned.terms().invitationDeadline()));
    }

    private static Transition<RoundState> accept(RoundState state, RoundEvent.SiteAccepted event) {
        return state instanceof Open open
                        && event.planHash().equals(open.terms().planHash())
                        && open.standings().get(event.site()) instanceof Standing.Invited
                ? settle(put(open, event.site(), new Standing.Accepted()))
                : Transition.to(state);
    }

    private static Transition<RoundState> refuse(RoundState state, RoundEvent.SiteRefused event) {
        if (!(state instanceof Open open)
                || !event.planHash().equals(open.terms().planHash())) {
            return Transition.to(state);
        }
        Standing standing = open.standings().get(event.site());
        boolean mayRefuse = standing instanceof Standing.Invited
                || standing instanceof Standing.Accepted
                || standing instanceof Standing.Lost;
        return mayRefuse ? settle(put(open, event.site(), new Standing.Refused(event.rule()))) : Transition.to(state);
    }

    private static Transition<RoundState> submit(RoundState state, RoundEvent.SubmissionCompleted event) {
        Optional<Rejection> foreign = foreign(state.terms(), event);
        if (foreign.isPresent()) {
            return reject(state, event, foreign.get());
        }
        return switch (state) {
            case Open open -> submit(open, open.standings(), event);
            case Releasing releasing -> submit(releasing, releasing.standings(), event);
            case Evaluating evaluating -> submit(evaluating, evaluating.standings(), event);
            case Planned planned -> reject(planned, event, Rejection.WRONG_PLAN);
            case Closed closed -> reject(closed, event, Rejection.LATE);
        };
    }

    private static Transition<RoundState> submit(
            RoundState state, SortedMap<SiteName, Standing> standings, RoundEvent.SubmissionCompleted event) {
        Standing standing = standings.get(event.submission().site());
        if (standing == null) {
            return reject(state, event, Rejection.NOT_IN_COHORT);
        }
        return switch (standing) {
            case Standing.Submitted counted ->
                counted.content().equals(event.contentHash())
                        ? Transition.to(state)
                        : reject(state, event, Rejection.DUPLICATE);
            case Standing.Refused refused -> reject(state, event, Rejection.REFUSED_BEFORE);
            case Standing.Invited invited -> count(state, event);
            case Standing.Accepted accepted -> count(state, event);
            case Standing.Lost lost -> count(state, event);
        };
    }

    private static Transition<RoundState> count(RoundState state, RoundEvent.SubmissionCompleted event) {
        return state instanceof Open open
                ? settle(put(open, event.submission().site(), new Standing.Submitted(event.contentHash())))
                        .after(List.of(new Effect.Accumulate(event.submission(), event.contentHash())))
                : reject(state, event, Rejection.LATE);
    }

    /** Why an update cannot belong to this round, if it cannot. */
    private static Optional<Rejection> foreign(RoundTerms terms, RoundEvent.SubmissionCompleted event) {
        SubmissionId submission = event.submission();
        if (!submission.federation().equals(terms.plan().federation())) {
            return Optional.of(Rejection.WRONG_PLAN);
        }
        int order = submission.round().compareTo(terms.plan().id());
        if (order != 0) {
            return Optional.of(order < 0 ? Rejection.LATE : Rejection.WRONG_PLAN);
        }
        return event.planHash().equals(terms.planHash()) ? Optional.empty() : Optional.of(Rejection.WRONG_PLAN);
    }

    private static Transition<RoundState> reject(
            RoundState state, RoundEvent.SubmissionCompleted event, Rejection rejection) {
        return Transition.to(state, new Effect.RejectSubmission(event.submission(), rejection));
    }

    private static Transition<RoundState> lose(RoundState state, SiteName site) {
        if (state instanceof Evaluating evaluating && evaluating.awaited().contains(site)) {
            return settle(evaluating.asking(without(evaluating.awaited(), site), with(evaluating.lost(), site)));
        }
        if (!(state instanceof Open open)) {
            return Transition.to(state);
        }
        Standing standing = open.standings().get(site);
        return standing instanceof Standing.Invited || standing instanceof Standing.Accepted
                ? settle(put(open, site, new Standing.Lost()))
                : Transition.to(state);
    }

    private static Transition<RoundState> takeBack(RoundState state, SiteName site) {
        if (state instanceof Evaluating evaluating && evaluating.lost().contains(site)) {
            return Transition.to(
                    evaluating.asking(with(evaluating.awaited(), site), without(evaluating.lost(), site)),
                    new Effect.RequestEvaluation(evaluating.plan().id(), evaluating.version(), only(site)));
        }
        if (state instanceof Open open && open.standings().get(site) instanceof Standing.Lost) {
            return Transition.to(put(open, site, new Standing.Invited()), new Effect.Invite(open.plan(), only(site)));
        }
        return Transition.to(state);
    }

    /** Moves on if nothing is to be gained by waiting, gives up if nothing can be. */
    private static Transition<RoundState> settle(Open open) {
        int reachable = open.standings().size() - number(open, s -> s instanceof Standing.Refused);
        return switch (open) {
            case Inviting inviting -> {
                boolean answered = number(open, s -> s instanceof Standing.Invited) == 0;
                boolean enough = accepted(open) >= open.terms().minimum();
                boolean hopeless = reachable < open.terms().minimum();
                yield (answered && enough) || hopeless ? endInvitation(inviting) : Transition.to(open);
            }
            case Collecting collecting -> {
                boolean settled = number(open, s -> s instanceof Standing.Accepted) == 0;
                boolean enough = submitted(open) >= open.terms().quorum();
                boolean hopeless = reachable < open.terms().quorum();
                yield (settled && enough) || hopeless ? endCollecting(collecting) : Transition.to(open);
            }
        };
    }

    private static Transition<RoundState> endInvitation(Inviting inviting) {
        RoundTerms terms = inviting.terms();
        if (accepted(inviting) < terms.minimum()) {
            return close(terms, tooFew(TooFew.Part.INVITING, accepted(inviting), terms.minimum(), inviting));
        }
        return settle(new Collecting(terms, inviting.standings()))
                .after(List.of(
                        new Effect.StartCollecting(
                                terms.plan().id(), terms.plan().deadline()),
                        new Effect.ScheduleTick(terms.plan().deadline())));
    }

    private static Transition<RoundState> endCollecting(Collecting collecting) {
        RoundTerms terms = collecting.terms();
        if (submitted(collecting) < terms.quorum()) {
            return close(terms, tooFew(TooFew.Part.COLLECTING, submitted(collecting), terms.quorum(), collecting));
        }
        return Transition.to(
                new Releasing(terms, collecting.standings()),
                new Effect.Release(
                        terms.plan(), Participation.of(collecting.standings()).contributors()));
    }

    private static TooFew tooFew(TooFew.Part part, int have, int need, Open open) {
        return new TooFew(part, have, need, Participation.of(open.standings()));
    }

    private static int accepted(Open open) {
        return number(open, s -> s instanceof Standing.Accepted || s instanceof Standing.Submitted);
    }

    private static int submitted(Open open) {
        return number(open, s -> s instanceof Standing.Submitted);
    }

    private static int number(Open open, Predicate<Standing> which) {
        return (int) open.standings().values().stream().filter(which).count();
    }

    private static Open put(Open open, SiteName site, Standing standing) {
        SortedMap<SiteName, Standing> changed = new TreeMap<>(open.standings());
        changed.put(site, standing);
        return open.with(changed);
    }

    // ---- releasing and evaluating

    private static Transition<RoundState> commit(
            RoundState state, RoundEvent.ReleaseCommitted event, SortedSet<SiteName> attached) {
        if (!(state instanceof Releasing releasing)
                || !event.round().equals(releasing.plan().id())) {
            return Transition.to(state);
        }
        RoundTerms terms = releasing.terms();
        Participation participation = Participation.of(releasing.standings());
        if (!(terms.evaluation() instanceof EvaluationTerms.Evaluated evaluation) || attached.isEmpty()) {
            return close(terms, new RoundOutcome.Released(event.version(), participation, Optional.empty()));
        }
        Evaluating evaluating = new Evaluating(
                terms,
                event.version(),
                participation,
                releasing.standings(),
                attached,
                new TreeSet<>(),
                new TreeSet<>(),
                EvaluationCounts.none(evaluation.classes()),
                event.at().plus(evaluation.within()));
        return Transition.to(
                evaluating,
                new Effect.RequestEvaluation(terms.plan().id(), event.version(), evaluating.awaited()),
                new Effect.ScheduleTick(evaluating.deadline()));
    }

    private static Transition<RoundState> evaluate(RoundState state, RoundEvent.EvaluationReceived event) {
        SiteName site = event.site();
        if (!(state instanceof Evaluating evaluating)
                || !event.round().equals(evaluating.plan().id())
                || !event.version().equals(evaluating.version())
                || !(evaluating.awaited().contains(site) || evaluating.lost().contains(site))) {
            return Transition.to(state);
        }
        boolean usable = evaluating.pooled().canAdd(event.counts());
        Transition<RoundState> next = settle(evaluating
                .asking(without(evaluating.awaited(), site), without(evaluating.lost(), site))
                .reported(site, usable ? evaluating.pooled().plus(event.counts()) : evaluating.pooled()));
        return usable
                ? next
                : next.after(List.of(new Effect.RejectEvaluation(
                        event.round(),
                        site,
                        "its counts are of " + event.counts().classes() + " classes and "
                                + event.counts().n() + " records, expected "
                                + evaluating.pooled().classes() + " classes and a sum of at most "
                                + EvaluationCounts.MAX_RECORDS + " records")));
    }

    private static Transition<RoundState> settle(Evaluating evaluating) {
        return evaluating.awaited().isEmpty() ? endEvaluation(evaluating) : Transition.to(evaluating);
    }

    private static Transition<RoundState> endEvaluation(Evaluating evaluating) {
        return close(
                evaluating.terms(),
                new RoundOutcome.Released(
                        evaluating.version(),
                        evaluating.participation(),
                        evaluating.pooled().n() == 0 ? Optional.empty() : Optional.of(evaluating.pooled())));
    }

    // ---- any state

    private static Transition<RoundState> cancel(RoundState state, String reason) {
        return switch (state) {
            // The version is out: to say otherwise would make the history lie.
            case Evaluating evaluating -> endEvaluation(evaluating);
            case Closed closed -> Transition.to(closed);
            case Planned planned -> close(planned.terms(), new RoundOutcome.Cancelled(reason));
            case Open open -> close(open.terms(), new RoundOutcome.Cancelled(reason));
            case Releasing releasing -> close(releasing.terms(), new RoundOutcome.Cancelled(reason));
        };
    }

    private static Transition<RoundState> close(RoundTerms terms, RoundOutcome outcome) {
        return Transition.to(new Closed(terms, outcome), new Effect.CloseRound(terms.plan(), outcome));
    }

    /** When a state ends by itself; empty for those that do not. */
    private static Optional<Instant> deadline(RoundState state) {
        return switch (state) {
            case Inviting inviting -> Optional.of(inviting.terms().invitationDeadline());
            case Collecting collecting -> Optional.of(collecting.plan().deadline());
            case Evaluating evaluating -> Optional.of(evaluating.deadline());
            case Planned planned -> Optional.empty();
            case Releasing releasing -> Optional.empty();
            case Closed closed -> Optional.empty();
        };
    }

    private static List<Effect> nextTick(RoundState state) {
        return deadline(state)
                .map(at -> List.<Effect>of(new Effect.ScheduleTick(at)))
                .orElse(List.of());
    }

    static List<Effect> outstanding(RoundState state) {
        List<Effect> effects = new ArrayList<>();
        switch (state) {
            case Open open -> {
                SortedSet<SiteName> working = new TreeSet<>();
                open.standings().forEach((site, standing) -> {
                    if (standing instanceof Standing.Invited || standing instanceof Standing.Accepted) {
                        working.add(site);
                    }
                });
                effects.add(new Effect.Invite(open.plan(), Participation.sortedCopy(working)));
            }
            case Releasing releasing ->
                effects.add(new Effect.Release(
                        releasing.plan(),
                        Participation.of(releasing.standings()).contributors()));
            case Evaluating evaluating ->
                effects.add(new Effect.RequestEvaluation(
                        evaluating.plan().id(), evaluating.version(), evaluating.awaited()));
            case Closed closed -> effects.add(new Effect.CloseRound(closed.plan(), closed.outcome()));
            case Planned planned -> {}
        }
        effects.addAll(nextTick(state));
        return effects;
    }

    private static SortedSet<SiteName> only(SiteName site) {
        return Participation.sortedCopy(List.of(site));
    }

    static SortedSet<SiteName> with(Collection<SiteName> sites, SiteName site) {
        SortedSet<SiteName> more = new TreeSet<>(sites);
        more.add(site);
        return more;
    }

    static SortedSet<SiteName> without(Collection<SiteName> sites, SiteName site) {
        SortedSet<SiteName> fewer = new TreeSet<>(sites);
        fewer.remove(site);
        return fewer;
    }
}
