package dev.parley.server.cluster;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.rounds.Effect.RejectSubmission;
import dev.parley.rounds.Effect.Rejection;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.FederationState;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Transition;
import dev.parley.server.cluster.ActorFederation.Ending;
import dev.parley.server.cluster.ActorFederation.Surroundings;
import dev.parley.server.cluster.Failpoint.Place;
import dev.parley.server.cluster.Federation.Attachment;
import dev.parley.server.journal.FederationRecord;
import dev.parley.server.journal.JournalEvent;
import dev.parley.server.journal.JournalSnapshot;
import dev.parley.server.journal.PinnedSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One federation, event-sourced: what sites say becomes an event, the state machines of {@code dev.parley.rounds} judge it, the
 * journal takes it, and only then does anything follow from it.
 *
 * <p><b>Guarantees</b>: no effect of an event (an acknowledgement, a plan, a question to survivors, a release) leaves the process
 * before the event is on disk. A process that has died at any point is taken up by the next one with the same state, and asks
 * sites again what they have not answered. Two processes cannot both write: the journal's key refuses the second, which then
 * stops. <b>Does not</b> decide: that is the state machines' part.
 */
final class FederationEntity extends EventSourcedBehavior<FederationEntity.Command, JournalEvent, FederationRecord> {
    /**
     * After a restart sites count as attached this long without a link. An agent's longest pause between two attempts is half of
     * it; who is gone for good holds the round up no longer than that.
     */
    private static final Duration RETURN_TIME = Duration.ofSeconds(60);

    /** Events between two snapshots at least: replay stays short, and snapshots cost a small part of what events do. */
    private static final long EVENTS_A_SNAPSHOT = 500;

    private static final Logger LOG = LoggerFactory.getLogger(FederationEntity.class);

    private final ActorRef<Command> self;
    private final TimerScheduler<Command> timers;
    private final FederationSpec spec;
    private final ContentHash layoutHash;
    private final ContentHash modelHash;
    private final PinnedSettings settings;
    private final Surroundings surroundings;
    private final CompletableFuture<ActorFederation.Opening> opening;
    private final CompletableFuture<Ending> ending;
    private final Failpoint failpoint = Failpoint.ofProperty();
    private final EngineThread engine;
    private final SiteDesk desk;
    private boolean stopping;
    private long lastSnapshot;
    private @Nullable Judged judged;

    /** What the state machines made of an event, kept until the journal has it so that it is not made twice. */
    private record Judged(FederationEvent event, Transition<FederationState> transition) {}

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

    private record Ready() implements Private {}

    private record Tick() implements Private {}

    /** Sites that have not come back after a restart are gone. */
    private record MissSites() implements Private {}

    /** An update is kept on disk. */
    private record Kept(Submit submit) implements Private {}

    /** What is to be done, in order, after the engine has prepared it. */
    private record CarryOut(List<dev.parley.rounds.Effect> effects) implements Private {}

    /** As {@link CarryOut}, for an update whose sender waits. */
    private record Answer(Submit submit, List<dev.parley.rounds.Effect> effects) implements Private {}

    /** Something that comes from the coordinator itself: the start, what has come of a release. */
    private record Come(JournalEvent.Happened happened) implements Private {}

    private record Broken(String reason) implements Private {}

    static Behavior<Command> create(
            FederationSpec spec,
            ParameterVector model,
            ContentHash modelHash,
            Surroundings surroundings,
            CompletableFuture<ActorFederation.Opening> opening,
            CompletableFuture<Ending> ending) {
        return Behaviors.setup(context -> {
            context.getSelf().tell(new Begin());
            return Behaviors.withTimers(timers ->
                    new FederationEntity(context, timers, spec, model, modelHash, surroundings, opening, ending));
        });
    }

    private FederationEntity(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            FederationSpec spec,
            ParameterVector model,
            ContentHash modelHash,
            Surroundings surroundings,
            CompletableFuture<ActorFederation.Opening> opening,
            CompletableFuture<Ending> ending) {
        super(persistenceId(spec));
        this.self = context.getSelf();
        this.timers = timers;
        this.spec = spec;
        this.layoutHash = model.layout().hash();
        this.modelHash = modelHash;
        this.settings = PinnedSettings.of(spec, layoutHash, modelHash);
        this.surroundings = surroundings;
        this.opening = opening;
        this.ending = ending;
        this.engine = new EngineThread(
                spec,
                model,
                surroundings,
                failpoint,
                happened -> self.tell(new Come(happened)),
                reason -> self.tell(new Broken(reason)));
        this.desk = new SiteDesk(spec, model.size(), modelHash, surroundings, ending, this::tickAt);
    }

    /** Under which name the journal holds a federation. */
    static PersistenceId persistenceId(FederationSpec spec) {
        return PersistenceId.of("federation", spec.name().value());
    }

    private void tickAt(Instant at) {
        Duration wait = Duration.between(now(), at);
        timers.startSingleTimer(new Tick(), wait.isNegative() ? Duration.ZERO : wait);
    }

    private Instant now() {
        return surroundings.clock().instant();
    }

    // ---- the journal

    @Override
    public FederationRecord emptyState() {
        return new FederationRecord.Blank();
    }

    @Override
    public EventHandler<FederationRecord, JournalEvent> eventHandler() {
        return this::onEvent;
    }

    private FederationRecord onEvent(FederationRecord record, JournalEvent event) {
        return switch (record) {
            case FederationRecord.Blank blank -> {
                if (!(event instanceof JournalEvent.Opened opened)) {
                    throw new IllegalStateException("a journal begins with the federation's settings");
                }
                yield open(opened);
            }
            case FederationRecord.Underway underway -> {
                if (!(event instanceof JournalEvent.Happened happened)) {
                    throw new IllegalStateException("a journal holds a federation's settings once");
                }
                yield underway.with(happened, transition(underway.state(), happened.event()));
            }
            case FederationRecord.OtherSettings other -> other;
        };
    }

    private Transition<FederationState> transition(FederationState state, FederationEvent event) {
        Judged known = judged;
        judged = null;
        return known != null && known.event() == event ? known.transition() : state.on(event);
    }

    private FederationRecord open(JournalEvent.Opened opened) {
        List<String> differences = opened.settings().differences(settings);
        return differences.isEmpty()
                ? FederationRecord.Underway.begun(opened.settings(), spec, layoutHash, modelHash)
                : new FederationRecord.OtherSettings(differences);
    }

    @Override
    public boolean shouldSnapshot(FederationRecord record, JournalEvent event, long sequenceNumber) {
        boolean due = record instanceof FederationRecord.Underway underway
                && underway.boundary().isPresent()
                && sequenceNumber - lastSnapshot >= EVENTS_A_SNAPSHOT;
        if (due) {
            lastSnapshot = sequenceNumber;
        }
        return due;
    }

    @Override
    public SnapshotAdapter<FederationRecord> snapshotAdapter() {
        return new SnapshotAdapter<>() {
            @Override
            public Object toJournal(FederationRecord record) {
                return record instanceof FederationRecord.Underway underway ? JournalSnapshot.of(underway) : record;
            }

            @Override
            public FederationRecord fromJournal(Object stored) {
                if (!(stored instanceof JournalSnapshot snapshot)) {
                    throw new IllegalStateException("a snapshot of another kind: " + stored.getClass());
                }
                List<String> differences = snapshot.settings().differences(settings);
                return differences.isEmpty()
                        ? snapshot.resume(spec, layoutHash)
                        : new FederationRecord.OtherSettings(differences);
            }
        };
    }

    @Override
    public SignalHandler<FederationRecord> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(PostStop.instance(), this::onStop)
                .build();
    }

    private void onStop(FederationRecord record) {
        engine.close();
        if (stopping) {
            ending.complete(new Ending(Ending.Kind.STOPPED, "stopped; its journal is kept", desk.model()));
        } else {
            String reason = "the journal could not be read or written; see the log";
            opening.complete(new ActorFederation.Opening.Impossible(reason));
            ending.complete(new Ending(Ending.Kind.BROKEN, reason, desk.model()));
        }
    }

    // ---- commands

    @Override
    public CommandHandler<Command, JournalEvent, FederationRecord> commandHandler() {
        return this::onCommand;
    }

    private Effect<JournalEvent, FederationRecord> onCommand(FederationRecord record, Command command) {
        if (command instanceof Begin) {
            return begin(record);
        }
        if (!(record instanceof FederationRecord.Underway underway)) {
            return Effect().none();
        }
        return switch (command) {
            case Attach attach -> attach(underway, attach);
            case Detach detach -> detach(underway, detach);
            case Hear hear -> hear(underway, hear);
            case Admit admit -> {
                admit.replyTo().tell(desk.admission(admit.offer()));
                yield Effect().none();
            }
            case Submit submit -> submit(submit);
            case Kept kept -> kept(underway, kept.submit());
            case Answer answer -> {
                desk.carryOut(answer.effects(), underway);
                answer(answer);
                yield Effect().none();
            }
            case CarryOut todo -> {
                desk.carryOut(todo.effects(), underway);
                yield Effect().none();
            }
            case Come come -> happen(underway, come.happened(), this::carryOut);
            case ReleaseSites release -> {
                stopping = true;
                desk.releaseSites();
                release.replyTo().tell(Done.getInstance());
                yield Effect().none();
            }
            case Tick tick -> happen(underway, new RoundEvent.Tick(now()));
            case MissSites miss -> {
                underway.state().attached().stream()
                        .filter(site -> !desk.isLinked(site))
                        .forEach(site -> self.tell(new Detach(site, NoLink.INSTANCE)));
                yield Effect().none();
            }
            case Ready ready -> {
                opening.complete(new ActorFederation.Opening.Open());
                yield Effect().none();
            }
            case Broken broken -> broken(broken);
            case Begin begin -> Effect().none();
        };
    }

    /** The link of a site that has none: stands for the one that died with the process before. */
    private enum NoLink implements SiteLink {
        INSTANCE;

        @Override
        public void send(SiteMessage message) {}

        @Override
        public void replaced() {}

        @Override
        public void stopping() {}
    }

    private Effect<JournalEvent, FederationRecord> begin(FederationRecord record) {
        return switch (record) {
            case FederationRecord.OtherSettings other -> {
                opening.complete(new ActorFederation.Opening.OtherSettings(other.differences()));
                yield Effect().none();
            }
            case FederationRecord.Blank blank ->
                Effect().persist(new JournalEvent.Opened(settings)).thenRun(opened -> {
                    self.tell(new Ready());
                    self.tell(new Come(new JournalEvent.Happened(new FederationEvent.Start(now()), List.of())));
                });
            case FederationRecord.Underway underway -> {
                LOG.atInfo()
                        .addKeyValue("federation", spec.name())
                        .addKeyValue("model", underway.state().modelHash())
                        .log("the federation is taken up from its journal");
                desk.resume(underway);
                engine.resume(underway, () -> self.tell(new Ready()));
                timers.startSingleTimer(new MissSites(), RETURN_TIME);
                yield happen(underway, new FederationEvent.Resumed(now()));
            }
        };
    }

    private Effect<JournalEvent, FederationRecord> happen(FederationRecord.Underway record, FederationEvent event) {
        return happen(record, new JournalEvent.Happened(event, List.of()), this::carryOut);
    }

    private void carryOut(List<dev.parley.rounds.Effect> effects) {
        self.tell(new CarryOut(effects));
    }

    /** Has the state machines judge an event, the journal take it if it changes anything, and then what follows done. */
    private Effect<JournalEvent, FederationRecord> happen(
            FederationRecord.Underway record,
            JournalEvent.Happened happened,
            Consumer<List<dev.parley.rounds.Effect>> then) {
        FederationState before = record.state();
        Transition<FederationState> transition = before.on(happened.event());
        if (transition.state() == before) {
            engine.answer(transition.effects(), then);
            return Effect().none();
        }
        judged = new Judged(happened.event(), transition);
        failpoint.at(Place.BEFORE_APPEND);
        return Effect().persist(happened).thenRun(after -> {
            failpoint.at(Place.AFTER_APPEND);
            engine.follow(before, happened.event(), transition, then);
        });
    }

    private Effect<JournalEvent, FederationRecord> attach(FederationRecord.Underway record, Attach attach) {
        SiteName site = attach.site();
        if (!surroundings.members().isEmpty() && !surroundings.members().contains(site)) {
            attach.replyTo().tell(new Attachment.NotMember());
            return Effect().none();
        }
        if (!desk.isLinked(site) && desk.links() >= surroundings.maxSites()) {
            attach.replyTo().tell(new Attachment.Full(surroundings.maxSites()));
            return Effect().none();
        }
        desk.link(site, attach.link());
        attach.replyTo().tell(new Attachment.Attached());
        // The machine answers with what is open for this site: an invitation, or an evaluation.
        return happen(record, new FederationEvent.SiteAttached(site, attach.announcement(), now()));
    }

    private Effect<JournalEvent, FederationRecord> detach(FederationRecord.Underway record, Detach detach) {
        boolean gone = detach.link() == NoLink.INSTANCE
                ? !desk.isLinked(detach.site())
                : desk.unlink(detach.site(), detach.link());
        // A coordinator that stops cuts the links itself: the sites come back to the next one, and are in its round.
        return gone && !stopping
                ? happen(record, new FederationEvent.SiteDetached(detach.site(), now()))
                : Effect().none();
    }

    private Effect<JournalEvent, FederationRecord> hear(FederationRecord.Underway record, Hear hear) {
        SiteName site = hear.site();
        return switch (hear.statement()) {
            case SiteStatement.Accepted accepted -> {
                desk.show(site, accepted.plan(), "training");
                yield happen(record, new RoundEvent.SiteAccepted(site, accepted.plan(), accepted.deals(), now()));
            }
            case SiteStatement.Refused refused -> {
                LOG.atInfo()
                        .addKeyValue("site", site)
                        .addKeyValue("reason", refused.rule())
                        .log("a site refused a round");
                desk.show(site, refused.plan(), "refused");
                yield happen(record, new RoundEvent.SiteRefused(site, refused.plan(), refused.rule(), now()));
            }
            case SiteStatement.Progressed progressed -> {
                desk.show(site, progressed);
                yield Effect().none();
            }
            case SiteStatement.KeysAgreed agreed ->
                happen(record, new FederationEvent.KeysAgreed(site, agreed.roster(), agreed.encapsulations(), now()));
            case SiteStatement.SurvivorsSigned signed ->
                happen(
                        record,
                        new RoundEvent.SurvivorsConfirmed(
                                site, signed.plan(), signed.purpose(), signed.confirmation(), now()));
            case SiteStatement.SharesRevealed revealed ->
                happen(
                        record,
                        new RoundEvent.SharesRevealed(
                                site, revealed.plan(), revealed.purpose(), revealed.opening(), now()));
            case SiteStatement.Evaluated evaluated -> evaluated(record, site, evaluated);
        };
    }

    private Effect<JournalEvent, FederationRecord> evaluated(
            FederationRecord.Underway record, SiteName site, SiteStatement.Evaluated evaluated) {
        RoundPlan plan = desk.planOf(evaluated.round());
        if (plan == null) {
            return Effect().none();
        }
        desk.showEvaluated(site);
        return happen(
                record,
                new RoundEvent.EvaluationReceived(site, plan.id(), evaluated.model(), evaluated.masked(), now()));
    }

    private Effect<JournalEvent, FederationRecord> submit(Submit submit) {
        SubmissionOffer offer = submit.offer();
        Admission admission = desk.admission(offer);
        UpdateForm form = desk.form();
        if (!(admission instanceof Admission.Open) || form == null) {
            submit.replyTo().tell(admission);
            return Effect().none();
        }
        engine.keep(
                offer,
                submit.file(),
                form,
                () -> self.tell(new Kept(submit)),
                refused -> submit.replyTo().tell(refused));
        return Effect().none();
    }

    private Effect<JournalEvent, FederationRecord> kept(FederationRecord.Underway record, Submit submit) {
        return happen(
                record,
                new JournalEvent.Happened(
                        new RoundEvent.SubmissionCompleted(
                                submit.offer().id(),
                                submit.planHash(),
                                submit.offer().content(),
                                now()),
                        List.of()),
                effects -> self.tell(new Answer(submit, effects)));
    }

    private void answer(Answer answer) {
        Submit submit = answer.submit();
        Optional<Rejection> rejection = answer.effects().stream()
                .filter(RejectSubmission.class::isInstance)
                .map(effect -> ((RejectSubmission) effect).rejection())
                .findFirst();
        if (rejection.isEmpty()) {
            submit.replyTo().tell(new Admission.Counted());
            return;
        }
        engine.drop(submit.offer());
        submit.replyTo()
                .tell(new Admission.NotOpen("the update of site "
                        + submit.offer().id().site() + " for "
                        + submit.offer().id().round() + " does not count: "
                        + because(rejection.get())));
    }

    private static String because(Rejection rejection) {
        return switch (rejection) {
            case LATE -> "it came too late; wait for the next plan";
            case DUPLICATE -> "another one of the site is counted";
            case NOT_IN_COHORT -> "the site is not in the cohort";
            case REFUSED_BEFORE -> "the site has refused this round";
            case WRONG_PLAN -> "it answers another plan; wait for the next one";
        };
    }

    /** Nothing is said to be over: the journal is whole, and the next process takes the federation up. */
    private Effect<JournalEvent, FederationRecord> broken(Broken broken) {
        opening.complete(new ActorFederation.Opening.Impossible(broken.reason()));
        ending.complete(new Ending(Ending.Kind.BROKEN, broken.reason(), desk.model()));
        stopping = true;
        desk.releaseSites();
        return Effect().none();
    }
}
