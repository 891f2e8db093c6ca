package dev.parley.rounds;

import dev.parley.privacy.secagg.AggregatorState;
import dev.parley.privacy.secagg.AggregatorState.Confirming;
import dev.parley.privacy.secagg.AggregatorState.Dealing;
import dev.parley.privacy.secagg.AggregatorState.Revealing;
import dev.parley.privacy.secagg.AggregatorState.Summing;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Recovery;
import dev.parley.privacy.secagg.Refusal;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.statistics.CountsEncoding;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.statistics.MaskedCountsSum;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.Effect.Rejection;
import dev.parley.rounds.RoundOutcome.TooFew;
import dev.parley.rounds.RoundState.Closed;
import dev.parley.rounds.RoundState.Collecting;
import dev.parley.rounds.RoundState.Evaluating;
import dev.parley.rounds.RoundState.Inviting;
import dev.parley.rounds.RoundState.Open;
import dev.parley.rounds.RoundState.Opening;
import dev.parley.rounds.RoundState.Planned;
import dev.parley.rounds.RoundState.Recovering;
import dev.parley.rounds.RoundState.RecoveringCounts;
import dev.parley.rounds.RoundState.Releasing;
import dev.parley.rounds.RoundState.Sums;
import dev.parley.rounds.RoundTerms.EvaluationTerms;
import java.time.Duration;
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
                Transition<RoundState> next = endInvitation(inviting, event.at());
                yield passTime(next.state(), event).after(next.effects());
            }
            case Collecting collecting -> {
                Transition<RoundState> next = endCollecting(collecting, event.at());
                yield passTime(next.state(), event).after(next.effects());
            }
            case Recovering recovering -> abandonRecovery(recovering);
            case Evaluating evaluating -> {
                Transition<RoundState> next = endEvaluation(evaluating, event.at());
                yield passTime(next.state(), event).after(next.effects());
            }
            case RecoveringCounts recovering -> released(recovering, Optional.empty());
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
            case RoundEvent.SurvivorsConfirmed confirmed -> confirm(state, confirmed);
            case RoundEvent.SharesRevealed revealed -> reveal(state, revealed);
            case RoundEvent.SiteLost lost -> lose(state, lost.site(), lost.at());
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
        RoundTerms terms = planned.terms();
        SortedMap<SiteName, Standing> standings = new TreeMap<>();
        planned.plan().cohort().forEach(site -> standings.put(site, new Standing.Invited()));
        Sums<Dealing> sums = new Sums<>(
                AggregatorState.begin(terms.updateSession()),
                terms.evaluation() instanceof EvaluationTerms.Evaluated
                        ? Optional.of(AggregatorState.begin(terms.evaluationSession()))
                        : Optional.empty());
        return Transition.to(
                new Inviting(terms, standings, sums),
                new Effect.Invite(terms.plan(), terms.roster(), terms.encapsulations()),
                new Effect.ScheduleTick(terms.invitationDeadline()));
    }

    private static Transition<RoundState> accept(RoundState state, RoundEvent.SiteAccepted event) {
        if (!(state instanceof Inviting inviting)
                || !event.planHash().equals(inviting.terms().planHash())
                || !(inviting.standings().get(event.site()) instanceof Standing.Invited)) {
            return Transition.to(state);
        }
        return switch (deal(inviting, event)) {
            case Step.Taken<Sums<Dealing>> taken ->
                settle(put(inviting.with(taken.result()), event.site(), new Standing.Accepted()), event.at());
            case Step.Refused<Sums<Dealing>> refused ->
                settle(
                                put(
                                        inviting,
                                        event.site(),
                                        new Standing.Refused(refused.refusal().toString())),
                                event.at())
                        .after(List.of(new Effect.RejectShares(inviting.plan().id(), event.site(), refused.refusal())));
        };
    }

    /** Takes a site's deals for all of the round's sums, or for none. */
    private static Step<Sums<Dealing>> deal(Inviting inviting, RoundEvent.SiteAccepted event) {
        Sums<Dealing> sums = inviting.sums();
        int position = inviting.terms().position(event.site());
        Optional<Deal> evaluation = event.deals().evaluation();
        if (event.deals().update().from() != position
                || evaluation.isPresent() != sums.evaluation().isPresent()
                || evaluation.filter(deal -> deal.from() != position).isPresent()) {
            return Step.refused(
                    Refusal.Reason.SHARES_INCOMPLETE, "a site deals for itself, once for each of the round's sums");
        }
        return switch (sums.update().receive(event.deals().update())) {
            case Step.Refused<Dealing> refused -> new Step.Refused<>(refused.refusal());
            case Step.Taken<Dealing> update -> {
                if (evaluation.isEmpty()) {
                    yield new Step.Taken<>(new Sums<>(update.result(), Optional.empty()));
                }
                yield switch (sums.evaluation().orElseThrow().receive(evaluation.get())) {
                    case Step.Refused<Dealing> refused -> new Step.Refused<>(refused.refusal());
                    case Step.Taken<Dealing> counts ->
                        new Step.Taken<>(new Sums<>(update.result(), Optional.of(counts.result())));
                };
            }
        };
    }

    private static Transition<RoundState> refuse(RoundState state, RoundEvent.SiteRefused event) {
        if (!event.planHash().equals(state.terms().planHash())) {
            return Transition.to(state);
        }
        if (!(state instanceof Open open)) {
            return refuseToOpen(state, event);
        }
        Standing standing = open.standings().get(event.site());
        boolean mayRefuse = standing instanceof Standing.Invited
                || standing instanceof Standing.Accepted
                || standing instanceof Standing.Lost;
        return mayRefuse
                ? settle(put(open, event.site(), new Standing.Refused(event.rule())), event.at())
                : Transition.to(state);
    }

    /** A survivor that will not help to open the sum: nothing waits for it, and the deadline ends what it makes impossible. */
    private static Transition<RoundState> refuseToOpen(RoundState state, RoundEvent.SiteRefused event) {
        boolean asked = state instanceof Recovering recovering
                && recovering.recovery().survivors().contains(position(recovering, event.site()));
        return asked
                ? rejectShares(state, event.site(), new Refusal(Refusal.Reason.CONFIRMATIONS_TOO_FEW, event.rule()))
                : Transition.to(state);
    }

    private static Transition<RoundState> submit(RoundState state, RoundEvent.SubmissionCompleted event) {
        Optional<Rejection> foreign = foreign(state.terms(), event);
        if (foreign.isPresent()) {
            return reject(state, event, foreign.get());
        }
        return switch (state) {
            case Open open -> submit(open, open.standings(), event);
            case Recovering recovering -> submit(recovering, recovering.standings(), event);
            case Releasing releasing -> submit(releasing, releasing.standings(), event);
            case Evaluating evaluating -> submit(evaluating, evaluating.standings(), event);
            case RecoveringCounts recovering -> reject(recovering, event, Rejection.LATE);
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
        SiteName site = event.submission().site();
        return switch (state) {
            case Collecting collecting ->
                collecting.isMember(site)
                        ? settle(put(collecting, site, new Standing.Submitted(event.contentHash())), event.at())
                                .after(List.of(new Effect.Accumulate(event.submission(), event.contentHash())))
                        : reject(state, event, Rejection.NOT_IN_COHORT);
            // Nobody can have masked yet: who is in the sum is not known.
            case Inviting inviting -> reject(state, event, Rejection.WRONG_PLAN);
            default -> reject(state, event, Rejection.LATE);
        };
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

    private static Transition<RoundState> lose(RoundState state, SiteName site, Instant at) {
        if (state instanceof Evaluating evaluating && evaluating.awaited().contains(site)) {
            return settle(evaluating.asking(without(evaluating.awaited(), site), with(evaluating.lost(), site)), at);
        }
        if (!(state instanceof Open open)) {
            return Transition.to(state);
        }
        Standing standing = open.standings().get(site);
        boolean mayAnswer = open instanceof Inviting && standing instanceof Standing.Invited;
        return mayAnswer || standing instanceof Standing.Accepted
                ? settle(put(open, site, new Standing.Lost()), at)
                : Transition.to(state);
    }

    private static Transition<RoundState> takeBack(RoundState state, SiteName site) {
        return switch (state) {
            case Inviting inviting ->
                inviting.standings().get(site) instanceof Standing.Lost
                        ? Transition.to(put(inviting, site, new Standing.Invited()), invite(inviting, only(site)))
                        : Transition.to(state);
            case Collecting collecting -> takeBack(collecting, site);
            case Opening opening -> new Transition<>(opening, asked(opening, only(site), true));
            case Evaluating evaluating ->
                evaluating.lost().contains(site)
                        ? Transition.to(
                                evaluating.asking(with(evaluating.awaited(), site), without(evaluating.lost(), site)),
                                new Effect.RequestEvaluation(evaluating.plan().id(), evaluating.version(), only(site)))
                        : Transition.to(state);
            case Planned same -> Transition.to(same);
            case Releasing same -> Transition.to(same);
            case Closed same -> Transition.to(same);
        };
    }

    /** A member that is still at work goes on where it was; it is told again who is in the cohort. */
    private static Transition<RoundState> takeBack(Collecting collecting, SiteName site) {
        Standing standing = collecting.standings().get(site);
        if (!(standing instanceof Standing.Lost) || !collecting.isMember(site)) {
            return Transition.to(collecting);
        }
        return Transition.to(
                put(collecting, site, new Standing.Accepted()),
                invite(collecting, only(site)),
                startCollecting(collecting, only(site)));
    }

    private static Effect.Invite invite(Open open, SortedSet<SiteName> sites) {
        SortedMap<SiteName, SortedMap<Integer, Bytes>> encapsulations =
                new TreeMap<>(open.terms().encapsulations());
        encapsulations.keySet().retainAll(sites);
        return new Effect.Invite(open.plan(), open.terms().roster(), encapsulations);
    }

    private static Effect.StartCollecting startCollecting(Collecting collecting, SortedSet<SiteName> sites) {
        SortedMap<SiteName, Effect.Notices> notices = new TreeMap<>();
        for (SiteName site : sites) {
            int member = collecting.terms().position(site);
            notices.put(
                    site,
                    new Effect.Notices(
                            collecting.sums().update().notice(member),
                            collecting.sums().evaluation().map(sum -> sum.notice(member))));
        }
        return new Effect.StartCollecting(collecting.plan(), notices);
    }

    /** Moves on if nothing is to be gained by waiting, gives up if nothing can be. */
    private static Transition<RoundState> settle(Open open, Instant at) {
        return switch (open) {
            case Inviting inviting -> {
                int reachable = open.standings().size() - number(open, s -> s instanceof Standing.Refused);
                boolean answered = number(open, s -> s instanceof Standing.Invited) == 0;
                boolean enough = accepted(inviting) >= open.terms().leastMembers();
                boolean hopeless = reachable < open.terms().leastMembers();
                yield (answered && enough) || hopeless ? endInvitation(inviting, at) : Transition.to(open);
            }
            case Collecting collecting -> {
                int least = open.terms().leastUpdates();
                int reachable = number(open, s -> !(s instanceof Standing.Refused) && !(s instanceof Standing.Invited));
                boolean settled = number(open, s -> s instanceof Standing.Accepted) == 0;
                boolean enough = submitted(open) >= least;
                boolean hopeless = reachable < least;
                yield (settled && enough) || hopeless ? endCollecting(collecting, at) : Transition.to(open);
            }
        };
    }

    private static Transition<RoundState> endInvitation(Inviting inviting, Instant at) {
        RoundTerms terms = inviting.terms();
        if (accepted(inviting) < terms.leastMembers()) {
            return close(terms, tooFew(TooFew.Part.INVITING, accepted(inviting), terms.leastMembers(), inviting));
        }
        MemberSet present = terms.members(inviting.standings().keySet().stream()
                .filter(site -> inviting.standings().get(site) instanceof Standing.Accepted)
                .toList());
        Sums<Dealing> dealt = inviting.sums();
        if (!(dealt.update().close(present) instanceof AggregatorState.Closed.On<Summing> update)) {
            int need = terms.plan().masking().terms().threshold();
            return close(terms, tooFew(TooFew.Part.INVITING, present.size(), need, inviting));
        }
        Optional<Summing> evaluation = dealt.evaluation()
                .flatMap(sum -> sum.close(present) instanceof AggregatorState.Closed.On<Summing> on
                        ? Optional.of(on.next())
                        : Optional.empty());
        // Whoever has not dealt by now is in no sum of this round.
        SortedMap<SiteName, Standing> standings = new TreeMap<>(inviting.standings());
        standings.replaceAll((site, standing) ->
                standing instanceof Standing.Accepted && !update.next().cohort().contains(terms.position(site))
                        ? new Standing.Invited()
                        : standing instanceof Standing.Lost ? new Standing.Invited() : standing);
        Collecting collecting = new Collecting(terms, standings, new Sums<>(update.next(), evaluation));
        return settle(collecting, at)
                .after(List.of(
                        startCollecting(collecting, terms.sites(update.next().cohort())),
                        new Effect.ScheduleTick(terms.plan().deadline())));
    }

    private static Transition<RoundState> endCollecting(Collecting collecting, Instant at) {
        RoundTerms terms = collecting.terms();
        int submitted = submitted(collecting);
        Participation participation = Participation.of(collecting.standings());
        MemberSet survivors = terms.members(participation.contributors());
        if (submitted < terms.leastUpdates()
                || !(collecting.sums().update().close(survivors, terms.plan().modelHash())
                        instanceof AggregatorState.Closed.On<Confirming> confirming)) {
            return close(terms, tooFew(TooFew.Part.COLLECTING, submitted, terms.leastUpdates(), collecting));
        }
        SortedMap<SiteName, Standing> standings = new TreeMap<>(collecting.standings());
        // A group whose sum cannot be opened is out of the round, whatever its members have submitted.
        standings.replaceAll((site, standing) -> standing instanceof Standing.Submitted
                        && !confirming.next().survivors().contains(terms.position(site))
                ? new Standing.Lost()
                : standing);
        Recovering recovering = new Recovering(
                terms, standings, confirming.next(), collecting.sums().evaluation(), at.plus(terms.recovering()));
        return Transition.<RoundState>to(recovering, new Effect.ScheduleTick(recovering.deadline()))
                .after(asked(recovering, participation.contributors(), false));
    }

    // ---- recovering

    /** What those of {@code sites} that survived are asked at this point; {@code again} if they may have missed what was before. */
    private static List<Effect> asked(Opening state, SortedSet<SiteName> sites, boolean again) {
        SumSession session = state.recovery().session();
        SortedSet<SiteName> survivors = survivors(state);
        survivors.retainAll(sites);
        if (survivors.isEmpty()) {
            return List.of();
        }
        return switch (state.recovery()) {
            case Confirming confirming -> List.of(askConfirmations(confirming, survivors));
            case Revealing revealing -> {
                Effect opening = new Effect.AskOpenings(
                        session.plan(),
                        session.purpose(),
                        revealing.confirmations(),
                        Participation.sortedCopy(survivors));
                yield again ? List.of(askConfirmations(revealing.confirmed(), survivors), opening) : List.of(opening);
            }
        };
    }

    private static SortedSet<SiteName> survivors(Opening state) {
        return state.terms().sites(state.recovery().survivors());
    }

    private static Effect askConfirmations(Confirming confirming, SortedSet<SiteName> sites) {
        return new Effect.AskConfirmations(
                confirming.session().plan(),
                confirming.session().purpose(),
                confirming.subject(),
                confirming.survivors(),
                Participation.sortedCopy(sites));
    }

    private static Transition<RoundState> confirm(RoundState state, RoundEvent.SurvivorsConfirmed event) {
        if (!(state instanceof Opening opening)
                || !isOpening(opening, event.planHash(), event.purpose())
                || !(opening.recovery() instanceof Confirming confirming)
                || event.confirmation().from() != position(state, event.site())) {
            return Transition.to(state);
        }
        return switch (confirming.receive(event.confirmation())) {
            case Step.Refused<Confirming> refused -> rejectShares(state, event.site(), refused.refusal());
            case Step.Taken<Confirming> taken -> {
                if (!taken.result().isEnough()) {
                    yield Transition.to(opening.with(taken.result()));
                }
                Opening revealing = opening.with(taken.result().close());
                yield new Transition<>(revealing, asked(revealing, survivors(revealing), false));
            }
        };
    }

    private static Transition<RoundState> reveal(RoundState state, RoundEvent.SharesRevealed event) {
        if (!(state instanceof Opening opening)
                || !isOpening(opening, event.planHash(), event.purpose())
                || !(opening.recovery() instanceof Revealing revealing)
                || event.opening().from() != position(state, event.site())) {
            return Transition.to(state);
        }
        return switch (revealing.receive(event.opening())) {
            case Step.Refused<Revealing> refused -> rejectShares(state, event.site(), refused.refusal());
            case Step.Taken<Revealing> taken ->
                taken.result().isEnough()
                        ? recovered(opening, taken.result().close())
                        : Transition.to(opening.with(taken.result()));
        };
    }

    private static Transition<RoundState> recovered(Opening state, Recovery recovery) {
        return switch (state) {
            case Recovering recovering ->
                Transition.to(
                        new Releasing(recovering.terms(), recovering.standings(), recovery, recovering.evaluation()),
                        new Effect.Release(
                                recovering.plan(),
                                Participation.of(recovering.standings()).contributors(),
                                recovery));
            case RecoveringCounts recovering -> released(recovering, counts(recovering, recovery));
        };
    }

    private static Optional<EvaluationCounts> counts(RecoveringCounts recovering, Recovery recovery) {
        return switch (recovery.open()) {
            case Recovery.Outcome.Spoiled spoiled -> Optional.empty();
            case Recovery.Outcome.MasksToAdd masks -> {
                try {
                    EvaluationCounts counts = recovering.pooled().open(masks.terms());
                    yield counts.n() == 0 ? Optional.empty() : Optional.of(counts);
                } catch (IllegalStateException e) {
                    // A member's counts or masks were malformed: the version stands, its evaluation is not known.
                    yield Optional.empty();
                } finally {
                    masks.terms().forEach(term -> term.seed().close());
                }
            }
        };
    }

    private static boolean isOpening(Opening state, ContentHash planHash, Purpose purpose) {
        return planHash.equals(state.terms().planHash())
                && purpose == state.recovery().session().purpose();
    }

    private static int position(RoundState state, SiteName site) {
        return state.terms().roster().position(site.value()).orElse(-1);
    }

    private static Transition<RoundState> rejectShares(RoundState state, SiteName site, Refusal refusal) {
        return Transition.to(state, new Effect.RejectShares(state.plan().id(), site, refusal));
    }

    private static Transition<RoundState> abandonRecovery(Recovering recovering) {
        int helped = switch (recovering.recovery()) {
            case Confirming confirming -> confirming.confirmed().size();
            case Revealing revealing -> revealing.revealed().size();
        };
        return close(
                recovering.terms(),
                new TooFew(
                        TooFew.Part.RECOVERING,
                        helped,
                        recovering.plan().masking().terms().threshold(),
                        Participation.of(recovering.standings())));
    }

    private static TooFew tooFew(TooFew.Part part, int have, int need, Open open) {
        return new TooFew(part, have, need, Participation.of(open.standings()));
    }

    private static int accepted(Open open) {
        return number(open, s -> s instanceof Standing.Accepted);
    }

    private static int submitted(Open open) {
        return number(open, s -> s instanceof Standing.Submitted);
    }

    private static int number(Open open, Predicate<Standing> which) {
        return (int) open.standings().values().stream().filter(which).count();
    }

    private static Inviting put(Inviting open, SiteName site, Standing standing) {
        return (Inviting) put((Open) open, site, standing);
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
        if (!(terms.evaluation() instanceof EvaluationTerms.Evaluated evaluation)
                || releasing.evaluation().isEmpty()) {
            return close(terms, new RoundOutcome.Released(event.version(), participation, Optional.empty()));
        }
        Summing sum = releasing.evaluation().get();
        SortedSet<SiteName> asked = terms.sites(sum.cohort());
        asked.retainAll(attached);
        SortedSet<SiteName> lost = terms.sites(sum.cohort());
        lost.removeAll(asked);
        Evaluating evaluating = new Evaluating(
                terms,
                event.version(),
                participation,
                releasing.standings(),
                asked,
                lost,
                new TreeSet<>(),
                MaskedCountsSum.none(
                        new CountsEncoding(evaluation.classes(), sum.cohort().size())),
                sum,
                event.at().plus(evaluation.within()));
        return settle(evaluating, event.at())
                .after(List.of(
                        new Effect.RequestEvaluation(terms.plan().id(), event.version(), evaluating.awaited()),
                        new Effect.ScheduleTick(evaluating.deadline())));
    }

    private static Transition<RoundState> evaluate(RoundState state, RoundEvent.EvaluationReceived event) {
        SiteName site = event.site();
        if (!(state instanceof Evaluating evaluating)
                || !event.round().equals(evaluating.plan().id())
                || !event.version().equals(evaluating.version())
                || !(evaluating.awaited().contains(site) || evaluating.lost().contains(site))) {
            return Transition.to(state);
        }
        Evaluating answered = evaluating.asking(without(evaluating.awaited(), site), without(evaluating.lost(), site));
        try {
            return settle(
                    answered.reported(
                            site, evaluating.pooled().plus(event.masked().toArray())),
                    event.at());
        } catch (IllegalArgumentException e) {
            return settle(answered, event.at())
                    .after(List.of(new Effect.RejectEvaluation(event.round(), site, String.valueOf(e.getMessage()))));
        }
    }

    private static Transition<RoundState> settle(Evaluating evaluating, Instant at) {
        return evaluating.awaited().isEmpty() ? endEvaluation(evaluating, at) : Transition.to(evaluating);
    }

    private static Transition<RoundState> endEvaluation(Evaluating evaluating, Instant at) {
        RoundTerms terms = evaluating.terms();
        if (!(evaluating.sum().close(terms.members(evaluating.reported()), evaluating.version())
                instanceof AggregatorState.Closed.On<Confirming> confirming)) {
            return close(
                    terms,
                    new RoundOutcome.Released(evaluating.version(), evaluating.participation(), Optional.empty()));
        }
        RecoveringCounts recovering = new RecoveringCounts(
                terms,
                evaluating.version(),
                evaluating.participation(),
                evaluating.pooled(),
                confirming.next(),
                at.plus(terms.recovering()));
        return Transition.<RoundState>to(recovering, new Effect.ScheduleTick(recovering.deadline()))
                .after(asked(recovering, evaluating.reported(), false));
    }

    private static Transition<RoundState> released(RecoveringCounts recovering, Optional<EvaluationCounts> evaluation) {
        return close(
                recovering.terms(),
                new RoundOutcome.Released(recovering.version(), recovering.participation(), evaluation));
    }

    // ---- any state

    private static Transition<RoundState> cancel(RoundState state, String reason) {
        return switch (state) {
            // The version is out: to say otherwise would make the history lie.
            case Evaluating evaluating ->
                close(
                        evaluating.terms(),
                        new RoundOutcome.Released(evaluating.version(), evaluating.participation(), Optional.empty()));
            case RecoveringCounts recovering -> released(recovering, Optional.empty());
            case Closed closed -> Transition.to(closed);
            case Recovering recovering -> close(recovering.terms(), new RoundOutcome.Cancelled(reason));
            case Planned planned -> close(planned.terms(), new RoundOutcome.Cancelled(reason));
            case Open open -> close(open.terms(), new RoundOutcome.Cancelled(reason));
            case Releasing releasing -> close(releasing.terms(), new RoundOutcome.Cancelled(reason));
        };
    }

    private static Transition<RoundState> close(RoundTerms terms, RoundOutcome outcome) {
        return Transition.to(new Closed(terms, outcome), new Effect.CloseRound(terms.plan(), outcome));
    }

    /** The state with its deadlines moved so that there is as much time from {@code at} on as at its beginning. */
    static RoundState resume(RoundState state, Instant at, Duration invitation) {
        return switch (state) {
            case Inviting inviting -> {
                Instant until = at.plus(invitation);
                Instant last = inviting.plan().deadline();
                yield inviting.until(FederationTransitions.later(
                        inviting.terms().invitationDeadline(), until.isBefore(last) ? until : last));
            }
            case Recovering recovering ->
                new Recovering(
                        recovering.terms(),
                        recovering.standings(),
                        recovering.recovery(),
                        recovering.evaluation(),
                        FederationTransitions.later(
                                recovering.deadline(),
                                at.plus(recovering.terms().recovering())));
            case Evaluating evaluating ->
                evaluating.terms().evaluation() instanceof EvaluationTerms.Evaluated evaluated
                        ? evaluating.until(
                                FederationTransitions.later(evaluating.deadline(), at.plus(evaluated.within())))
                        : evaluating;
            case RecoveringCounts recovering ->
                new RecoveringCounts(
                        recovering.terms(),
                        recovering.version(),
                        recovering.participation(),
                        recovering.pooled(),
                        recovering.recovery(),
                        FederationTransitions.later(
                                recovering.deadline(),
                                at.plus(recovering.terms().recovering())));
            case Collecting same -> same;
            case Planned same -> same;
            case Releasing same -> same;
            case Closed same -> same;
        };
    }

    /** When a state ends by itself; empty for those that do not. */
    private static Optional<Instant> deadline(RoundState state) {
        return switch (state) {
            case Inviting inviting -> Optional.of(inviting.terms().invitationDeadline());
            case Collecting collecting -> Optional.of(collecting.plan().deadline());
            case Recovering recovering -> Optional.of(recovering.deadline());
            case Evaluating evaluating -> Optional.of(evaluating.deadline());
            case RecoveringCounts recovering -> Optional.of(recovering.deadline());
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
            case Inviting inviting -> effects.add(invite(inviting, working(inviting)));
            case Collecting collecting -> {
                SortedSet<SiteName> working = working(collecting);
                working.removeIf(site -> !collecting.isMember(site));
                effects.add(invite(collecting, working));
                effects.add(startCollecting(collecting, working));
            }
            case Opening opening -> effects.addAll(asked(opening, survivors(opening), true));
            case Releasing releasing ->
                effects.add(new Effect.Release(
                        releasing.plan(),
                        Participation.of(releasing.standings()).contributors(),
                        releasing.recovery()));
            case Evaluating evaluating ->
                effects.add(new Effect.RequestEvaluation(
                        evaluating.plan().id(), evaluating.version(), evaluating.awaited()));
            case Closed closed -> effects.add(new Effect.CloseRound(closed.plan(), closed.outcome()));
            case Planned planned -> {}
        }
        effects.addAll(nextTick(state));
        return effects;
    }

    private static SortedSet<SiteName> working(Open open) {
        SortedSet<SiteName> working = new TreeSet<>();
        open.standings().forEach((site, standing) -> {
            if (standing instanceof Standing.Invited || standing instanceof Standing.Accepted) {
                working.add(site);
            }
        });
        return working;
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
