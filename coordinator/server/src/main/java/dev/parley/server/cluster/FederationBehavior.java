package dev.parley.server.cluster;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.statistics.EvaluationMetrics;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.rounds.Effect;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationOutcome;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.SubmissionId;
import dev.parley.server.cluster.ActorFederation.Ending;
import dev.parley.server.cluster.ActorFederation.Surroundings;
import dev.parley.server.cluster.Federation.Attachment;
import dev.parley.server.status.FederationStatus.Evaluation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One federation. Translates what sites say into events, has the engine handle them on its own thread, and carries
 * out the effects that come back, in their order. Holds what has no place in the engine: the links to attached sites, who
 * may submit, the timer.
 */
final class FederationBehavior extends AbstractBehavior<FederationBehavior.Command> {
    private static final Logger LOG = LoggerFactory.getLogger(FederationBehavior.class);

    private final FederationSpec spec;
    private final Surroundings surroundings;
    private final CompletableFuture<Ending> ending;
    private final TimerScheduler<Command> timers;
    private final EngineThread engine;
    private final StatusBoard board;
    private final int dimension;
    private final Map<SiteName, SiteLink> links = new TreeMap<>();
    private ContentHash model;
    private @Nullable OpenRound open;

    /** What others tell a federation. */
    sealed interface Command {}

    record Attach(SiteName site, Announcement announcement, SiteLink link, ActorRef<Attachment> replyTo)
            implements Command {}

    record Detach(SiteName site, SiteLink link) implements Command {}

    record Hear(SiteName site, SiteStatement statement) implements Command {}

    record Admit(SubmissionOffer offer, ActorRef<Admission> replyTo) implements Command {}

    record Submit(SubmissionOffer offer, ContentHash planHash, Path file, ActorRef<Admission> replyTo)
            implements Command {}

    /** End every link; the coordinator is stopping. */
    record ReleaseSites(ActorRef<Done> replyTo) implements Command {}

    /** What the federation tells itself. */
    private sealed interface Private extends Command {}

    private record Begin() implements Private {}

    private record Tick() implements Private {}

    /** The engine has handled an event and answers with what is to be done, in order. */
    private record Handled(List<Effect> effects) implements Private {}

    /** As {@link Handled}, for an update whose sender waits. */
    private record Judged(SubmissionId submission, List<Effect> effects, ActorRef<Admission> replyTo)
            implements Private {}

    private record Broken() implements Private {}

    /** What is kept here about the round under way, from its first invitation to its close. */
    private static final class OpenRound {
        private final RoundPlan plan;
        private final Instant since;
        private final Map<SiteName, ContentHash> counted = new HashMap<>();
        private final UpdateForm form;
        private boolean collecting = true;

        private OpenRound(RoundPlan plan, int dimension, Instant since) {
            this.plan = plan;
            this.form = UpdateForm.of(plan, dimension);
            this.since = since;
        }
    }

    static Behavior<Command> create(
            FederationSpec spec,
            ParameterVector model,
            ContentHash modelHash,
            Surroundings surroundings,
            CompletableFuture<Ending> ending) {
        return Behaviors.setup(context -> {
            context.getSelf().tell(new Begin());
            return Behaviors.withTimers(
                    timers -> new FederationBehavior(context, timers, spec, model, modelHash, surroundings, ending));
        });
    }

    private FederationBehavior(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            FederationSpec spec,
            ParameterVector model,
            ContentHash modelHash,
            Surroundings surroundings,
            CompletableFuture<Ending> ending) {
        super(context);
        this.timers = timers;
        this.spec = spec;
        this.surroundings = surroundings;
        this.ending = ending;
        ActorRef<Command> self = context.getSelf();
        this.engine = new EngineThread(
                spec,
                model,
                surroundings.blobs(),
                surroundings.spool(),
                surroundings.trail(),
                surroundings.clock(),
                effects -> self.tell(new Handled(effects)),
                () -> self.tell(new Broken()));
        this.board = new StatusBoard(spec.name(), spec.totalRounds(), modelHash, surroundings.status());
        this.dimension = model.size();
        this.model = modelHash;
        board.publish();
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Attach.class, this::onAttach)
                .onMessage(Detach.class, this::onDetach)
                .onMessage(Hear.class, this::onHear)
                .onMessage(Admit.class, this::onAdmit)
                .onMessage(Submit.class, this::onSubmit)
                .onMessage(ReleaseSites.class, this::onReleaseSites)
                .onMessage(Begin.class, begin -> apply(new FederationEvent.Start(now())))
                .onMessage(Tick.class, tick -> apply(new RoundEvent.Tick(now())))
                .onMessage(Handled.class, this::onHandled)
                .onMessage(Judged.class, this::onJudged)
                .onMessage(Broken.class, this::onBroken)
                .onSignal(PostStop.class, this::onPostStop)
                .build();
    }

    private Behavior<Command> onAttach(Attach attach) {
        SiteName site = attach.site();
        if (!surroundings.members().isEmpty() && !surroundings.members().contains(site)) {
            attach.replyTo().tell(new Attachment.NotMember());
            return this;
        }
        if (!links.containsKey(site) && links.size() >= surroundings.maxSites()) {
            attach.replyTo().tell(new Attachment.Full(surroundings.maxSites()));
            return this;
        }
        SiteLink earlier = links.put(site, attach.link());
        attach.replyTo().tell(new Attachment.Attached());
        board.attached(site, true);
        if (earlier != null) {
            earlier.replaced();
            apply(new FederationEvent.SiteDetached(site, now()));
        }
        if (ending.isDone()) {
            attach.link().send(new SiteMessage.Ended(model, ending.join().outcome()));
        }
        // The machine answers with what is open for this site: an invitation, or an evaluation.
        return apply(new FederationEvent.SiteAttached(site, attach.announcement(), now()));
    }

    private Behavior<Command> onDetach(Detach detach) {
        if (!links.remove(detach.site(), detach.link())) {
            return this;
        }
        board.attached(detach.site(), false);
        return apply(new FederationEvent.SiteDetached(detach.site(), now()));
    }

    private Behavior<Command> onHear(Hear hear) {
        SiteName site = hear.site();
        return switch (hear.statement()) {
            case SiteStatement.Accepted accepted -> {
                if (open != null && open.plan.hash().equals(accepted.plan())) {
                    board.state(site, "training");
                }
                yield apply(new RoundEvent.SiteAccepted(site, accepted.plan(), accepted.deals(), now()));
            }
            case SiteStatement.Refused refused -> {
                LOG.atInfo()
                        .addKeyValue("site", site)
                        .addKeyValue("reason", refused.rule())
                        .log("a site refused a round");
                if (open != null && open.plan.hash().equals(refused.plan())) {
                    board.state(site, "refused");
                }
                yield apply(new RoundEvent.SiteRefused(site, refused.plan(), refused.rule(), now()));
            }
            case SiteStatement.Progressed progressed -> {
                if (open != null && open.plan.id().round() == progressed.round()) {
                    board.progress(site, progressed.step(), progressed.steps());
                }
                yield this;
            }
            case SiteStatement.KeysAgreed agreed ->
                apply(new FederationEvent.KeysAgreed(site, agreed.roster(), agreed.encapsulations(), now()));
            case SiteStatement.SurvivorsSigned signed ->
                apply(new RoundEvent.SurvivorsConfirmed(
                        site, signed.plan(), signed.purpose(), signed.confirmation(), now()));
            case SiteStatement.SharesRevealed revealed ->
                apply(new RoundEvent.SharesRevealed(
                        site, revealed.plan(), revealed.purpose(), revealed.opening(), now()));
            case SiteStatement.Evaluated evaluated -> onEvaluated(site, evaluated);
        };
    }

    private Behavior<Command> onEvaluated(SiteName site, SiteStatement.Evaluated evaluated) {
        if (open == null || open.plan.id().round() != evaluated.round()) {
            return this;
        }
        board.state(site, "evaluated");
        return apply(
                new RoundEvent.EvaluationReceived(site, open.plan.id(), evaluated.model(), evaluated.masked(), now()));
    }

    private Behavior<Command> onAdmit(Admit admit) {
        admit.replyTo().tell(admission(admit.offer()));
        return this;
    }

    private Admission admission(SubmissionOffer offer) {
        SubmissionId id = offer.id();
        if (open == null || !open.plan.id().equals(id.round())) {
            return new Admission.NotOpen(id.round() + " is not under way; wait for the next plan");
        }
        if (!open.plan.cohort().contains(id.site())) {
            return new Admission.NotMember("site " + id.site() + " is not in the cohort of " + id.round());
        }
        ContentHash counted = open.counted.get(id.site());
        if (counted != null) {
            return counted.equals(offer.content())
                    ? new Admission.Counted()
                    : new Admission.NotOpen("site " + id.site() + " has handed in another update for " + id.round()
                            + ", and one counts");
        }
        if (!open.collecting) {
            return new Admission.NotOpen(id.round() + " has stopped collecting; wait for the next plan");
        }
        return offer.totalBytes() == open.form.sizeBytes()
                ? new Admission.Open(open.plan)
                : new Admission.WrongSize(open.form.sizeBytes());
    }

    private Behavior<Command> onSubmit(Submit submit) {
        SubmissionOffer offer = submit.offer();
        if (!(admission(offer) instanceof Admission.Open) || open == null) {
            submit.replyTo().tell(admission(offer));
            return this;
        }
        ActorRef<Command> self = getContext().getSelf();
        SubmissionId id = offer.id();
        engine.handle(
                new RoundEvent.SubmissionCompleted(id, submit.planHash(), offer.content(), now()),
                submit.file(),
                open.form,
                effects -> self.tell(new Judged(id, effects, submit.replyTo())),
                refused -> submit.replyTo().tell(refused));
        return this;
    }

    private Behavior<Command> onJudged(Judged judged) {
        judged.effects().forEach(this::carryOut);
        Optional<Effect.Rejection> rejection = judged.effects().stream()
                .filter(Effect.RejectSubmission.class::isInstance)
                .map(effect -> ((Effect.RejectSubmission) effect).rejection())
                .findFirst();
        judged.replyTo()
                .tell(
                        rejection.isEmpty()
                                ? new Admission.Counted()
                                : new Admission.NotOpen("the update of site "
                                        + judged.submission().site() + " for "
                                        + judged.submission().round() + " does not count: "
                                        + because(rejection.get())));
        return this;
    }

    private static String because(Effect.Rejection rejection) {
        return switch (rejection) {
            case LATE -> "it came too late; wait for the next plan";
            case DUPLICATE -> "another one of the site is counted";
            case NOT_IN_COHORT -> "the site is not in the cohort";
            case REFUSED_BEFORE -> "the site has refused this round";
            case WRONG_PLAN -> "it answers another plan; wait for the next one";
        };
    }

    private Behavior<Command> onReleaseSites(ReleaseSites command) {
        links.values().forEach(SiteLink::stopping);
        command.replyTo().tell(Done.getInstance());
        return this;
    }

    private Behavior<Command> onHandled(Handled handled) {
        handled.effects().forEach(this::carryOut);
        return this;
    }

    private Behavior<Command> onBroken(Broken broken) {
        end(false, "failed: the coordinator broke; see its log");
        return this;
    }

    private Behavior<Command> onPostStop(PostStop signal) {
        engine.close();
        ending.complete(new Ending(false, "failed: the coordinator was stopped", model));
        return this;
    }

    private Behavior<Command> apply(FederationEvent event) {
        ActorRef<Command> self = getContext().getSelf();
        engine.handle(event, effects -> self.tell(new Handled(effects)));
        return this;
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Invite invite -> invite(invite);
            case Effect.AgreeKeys agree -> {
                ContentHash roster = agree.roster().hash();
                agree.asked().forEach((site, peers) -> tell(List.of(site), new SiteMessage.AgreeKeys(roster, peers)));
            }
            case Effect.StartCollecting collecting -> {
                board.phase("collecting", collecting.plan().deadline());
                ContentHash plan = collecting.plan().hash();
                int members = collecting.plan().cohort().size();
                collecting
                        .notices()
                        .forEach(
                                (site, notices) -> tell(List.of(site), new SiteMessage.Cohort(plan, notices, members)));
            }
            case Effect.AskConfirmations ask -> {
                round().collecting = false;
                board.phase("recovering", null);
                int members = round().plan.cohort().size();
                tell(
                        ask.sites(),
                        new SiteMessage.Survivors(ask.plan(), ask.purpose(), ask.subject(), ask.survivors(), members));
            }
            case Effect.AskOpenings ask ->
                tell(ask.sites(), new SiteMessage.Opening(ask.plan(), ask.purpose(), ask.confirmations()));
            case Effect.RejectShares rejected ->
                LOG.atWarn()
                        .addKeyValue("site", rejected.site())
                        .addKeyValue("reason", rejected.refusal())
                        .log("what a site sent for secure aggregation does not fit");
            case Effect.Accumulate accumulate -> accumulate(accumulate);
            case Effect.RejectSubmission rejected ->
                LOG.atInfo()
                        .addKeyValue("site", rejected.submission().site())
                        .addKeyValue("round", rejected.submission().round().round())
                        .addKeyValue("reason", rejected.rejection())
                        .log("an update does not count");
            case Effect.Release release -> board.phase("releasing", null);
            case Effect.RequestEvaluation request -> {
                model = request.version();
                board.phase("evaluating", now().plus(spec.times().evaluating()));
                request.sites().forEach(site -> board.state(site, "evaluating"));
                tell(
                        request.sites(),
                        new SiteMessage.Evaluate(request.round().round(), request.version(), spec.learningHash()));
            }
            case Effect.RejectEvaluation rejected ->
                LOG.atWarn()
                        .addKeyValue("site", rejected.site())
                        .addKeyValue("reason", rejected.reason())
                        .log("an evaluation does not count");
            case Effect.CloseRound closed -> close(closed.plan(), closed.outcome());
            case Effect.ScheduleTick tick -> {
                Duration wait = Duration.between(now(), tick.at());
                timers.startSingleTimer(new Tick(), wait.isNegative() ? Duration.ZERO : wait);
            }
            case Effect.EndFederation end -> {
                model = end.modelHash();
                end(
                        end.outcome() instanceof FederationOutcome.Completed,
                        end.outcome().description());
            }
        }
    }

    private void end(boolean completed, String outcome) {
        board.ended(completed ? "completed" : "failed", outcome);
        LOG.atInfo().addKeyValue("outcome", outcome).log("the federation has ended");
        tell(links.keySet(), new SiteMessage.Ended(model, outcome));
        ending.complete(new Ending(completed, outcome, model));
    }

    private void invite(Effect.Invite invite) {
        RoundPlan plan = invite.plan();
        if (open == null || !open.plan.id().equals(plan.id())) {
            open = new OpenRound(plan, dimension, now());
            board.invited(plan);
        }
        invite.encapsulations()
                .forEach((site, encapsulations) -> tell(List.of(site), new SiteMessage.Plan(plan, encapsulations)));
    }

    private void accumulate(Effect.Accumulate accumulate) {
        SiteName site = accumulate.submission().site();
        round().counted.put(site, accumulate.contentHash());
        board.state(site, "submitted");
    }

    private OpenRound round() {
        if (open == null) {
            throw new IllegalStateException("the machine speaks of a round that was not opened");
        }
        return open;
    }

    private void close(RoundPlan plan, RoundOutcome outcome) {
        long millis = Duration.between(round().since, now()).toMillis();
        open = null;
        LOG.atInfo()
                .addKeyValue("round", plan.id().round())
                .addKeyValue("attempt", plan.id().attempt())
                .addKeyValue("outcome", outcome.description())
                .addKeyValue("millis", millis)
                .log("a round has ended");
        switch (outcome) {
            case RoundOutcome.Released released -> {
                model = released.version();
                board.released(plan, model, released.participation(), millis, evaluation(released.evaluation()));
                tell(
                        links.keySet(),
                        new SiteMessage.Released(
                                plan.id(),
                                model,
                                released.participation().contributors().size()));
            }
            case RoundOutcome.TooFew abandoned -> abandon(plan, abandoned.description(), millis);
            case RoundOutcome.ReleaseFailed abandoned -> abandon(plan, abandoned.description(), millis);
            case RoundOutcome.Cancelled abandoned -> abandon(plan, abandoned.description(), millis);
        }
    }

    private void abandon(RoundPlan plan, String reason, long millis) {
        board.abandoned(plan, reason, model, millis);
        tell(links.keySet(), new SiteMessage.Abandoned(plan.id(), reason));
    }

    private static @Nullable Evaluation evaluation(Optional<EvaluationCounts> pooled) {
        Optional<EvaluationMetrics> metrics = pooled.flatMap(EvaluationCounts::metrics);
        if (metrics.isEmpty()) {
            return null;
        }
        EvaluationMetrics known = metrics.get();
        OptionalDouble auroc = known.auroc();
        return new Evaluation(
                known.n(),
                auroc.isPresent() ? auroc.getAsDouble() : null,
                known.accuracy(),
                known.macroF1(),
                known.ece(),
                known.brier());
    }

    private void tell(Iterable<SiteName> sites, SiteMessage message) {
        // A link that ends while it is told something changes the map only through a message to this actor.
        for (SiteName site : sites) {
            SiteLink link = links.get(site);
            if (link != null) {
                link.send(message);
            }
        }
    }

    private Instant now() {
        return surroundings.clock().instant();
    }
}
