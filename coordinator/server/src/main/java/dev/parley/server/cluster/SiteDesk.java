package dev.parley.server.cluster;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.Effect;
import dev.parley.rounds.FederationOutcome;
import dev.parley.rounds.FederationPhase;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.FederationState;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.RoundState;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Standing;
import dev.parley.rounds.SubmissionId;
import dev.parley.server.cluster.ActorFederation.Ending;
import dev.parley.server.journal.FederationRecord;
import dev.parley.server.status.FederationStatus.RoundSummary;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells sites and people what has been decided. Holds what has no place in the journal: the links to attached sites, what is
 * known of the round under way for those who ask whether they may submit, and the board. Belongs to the actor: not thread-safe.
 */
final class SiteDesk {
    private static final Logger LOG = LoggerFactory.getLogger(SiteDesk.class);

    private final FederationSpec spec;
    private final InstantSource clock;
    private final CompletableFuture<Ending> ending;
    private final Consumer<Instant> tickAt;
    private final StatusBoard board;
    private final int dimension;
    private final Map<SiteName, SiteLink> links = new TreeMap<>();
    private ContentHash model;
    private @Nullable OpenRound open;

    /** What is kept here about the round under way, from its first invitation to its close. */
    private static final class OpenRound {
        private final RoundPlan plan;
        private final Map<SiteName, ContentHash> counted = new HashMap<>();
        private final UpdateForm form;
        private boolean collecting = true;

        private OpenRound(RoundPlan plan, int dimension) {
            this.plan = plan;
            this.form = UpdateForm.of(plan, dimension);
        }
    }

    /**
     * @param dimension of the model
     * @param model the initial one
     * @param tickAt sets the one timer
     */
    SiteDesk(
            FederationSpec spec,
            int dimension,
            ContentHash model,
            ActorFederation.Surroundings surroundings,
            CompletableFuture<Ending> ending,
            Consumer<Instant> tickAt) {
        this.spec = spec;
        this.clock = surroundings.clock();
        this.ending = ending;
        this.tickAt = tickAt;
        this.board = new StatusBoard(spec.name(), spec.totalRounds(), model, surroundings.status());
        this.dimension = dimension;
        this.model = model;
        board.publish();
    }

    /** Takes up a federation where its journal leaves it. Nobody is linked. */
    void resume(FederationRecord.Underway record) {
        FederationState state = record.state();
        model = state.modelHash();
        if (state.phase() instanceof FederationPhase.Running running) {
            RoundState round = running.round();
            OpenRound resumed = new OpenRound(round.plan(), dimension);
            state.accumulated()
                    .forEach(each -> resumed.counted.put(each.submission().site(), each.contentHash()));
            resumed.collecting = round instanceof RoundState.Open;
            open = resumed;
        }
        board.resume(state, record.summaries());
    }

    boolean isLinked(SiteName site) {
        return links.containsKey(site);
    }

    int links() {
        return links.size();
    }

    /** A site has a new link; an earlier one ends. */
    void link(SiteName site, SiteLink link) {
        SiteLink earlier = links.put(site, link);
        board.attached(site, true);
        if (earlier != null) {
            earlier.replaced();
        }
        if (ending.isDone()) {
            link.send(new SiteMessage.Ended(model, ending.join().outcome()));
        }
    }

    /** Whether that was the site's link, which is gone now. */
    boolean unlink(SiteName site, SiteLink link) {
        if (!links.remove(site, link)) {
            return false;
        }
        board.attached(site, false);
        return true;
    }

    /** Ends every link; the sites come back to the next coordinator. */
    void releaseSites() {
        links.values().forEach(SiteLink::stopping);
    }

    void show(SiteName site, ContentHash plan, String state) {
        if (open != null && open.plan.hash().equals(plan)) {
            board.state(site, state);
        }
    }

    void show(SiteName site, SiteStatement.Progressed progressed) {
        if (open != null && open.plan.id().round() == progressed.round()) {
            board.progress(site, progressed.step(), progressed.steps());
        }
    }

    /** The round under way, if it has this number. */
    @Nullable
    RoundPlan planOf(int round) {
        return open != null && open.plan.id().round() == round ? open.plan : null;
    }

    @Nullable
    UpdateForm form() {
        return open == null ? null : open.form;
    }

    void showEvaluated(SiteName site) {
        board.state(site, "evaluated");
    }

    Admission admission(SubmissionOffer offer) {
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

    /** @param record as the journal is now, after the event that these effects follow from or after a later one */
    void carryOut(List<Effect> effects, FederationRecord.Underway record) {
        effects.forEach(effect -> carryOut(effect, record));
    }

    private void carryOut(Effect effect, FederationRecord.Underway record) {
        switch (effect) {
            case Effect.Invite invite -> invite(invite);
            case Effect.AgreeKeys agree -> {
                ContentHash roster = agree.roster().hash();
                agree.asked().forEach((site, peers) -> tell(List.of(site), new SiteMessage.AgreeKeys(roster, peers)));
            }
            case Effect.StartCollecting collecting -> startCollecting(collecting);
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
            case Effect.Accumulate accumulate -> {
                SiteName site = accumulate.submission().site();
                round().counted.put(site, accumulate.contentHash());
                board.state(site, "submitted");
            }
            case Effect.RejectSubmission rejected ->
                LOG.atInfo()
                        .addKeyValue("site", rejected.submission().site())
                        .addKeyValue("round", rejected.submission().round().round())
                        .addKeyValue("reason", rejected.rejection())
                        .log("an update does not count");
            case Effect.Release release -> board.phase("releasing", null);
            case Effect.RequestEvaluation request -> {
                model = request.version();
                board.phase("evaluating", clock.instant().plus(spec.times().evaluating()));
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
            case Effect.CloseRound closed -> close(closed, record.summaries());
            case Effect.ScheduleTick tick -> tickAt.accept(tick.at());
            case Effect.EndFederation end -> {
                model = end.modelHash();
                end(
                        end.outcome() instanceof FederationOutcome.Completed,
                        end.outcome().description());
            }
        }
    }

    private void startCollecting(Effect.StartCollecting collecting) {
        board.phase("collecting", collecting.plan().deadline());
        ContentHash plan = collecting.plan().hash();
        int members = collecting.plan().cohort().size();
        collecting
                .notices()
                .forEach((site, notices) -> tell(List.of(site), new SiteMessage.Cohort(plan, notices, members)));
    }

    private void end(boolean completed, String outcome) {
        board.ended(completed ? "completed" : "failed", outcome);
        LOG.atInfo().addKeyValue("outcome", outcome).log("the federation has ended");
        tell(links.keySet(), new SiteMessage.Ended(model, outcome));
        ending.complete(new Ending(completed ? Ending.Kind.COMPLETED : Ending.Kind.FAILED, outcome, model));
    }

    private void invite(Effect.Invite invite) {
        RoundPlan plan = invite.plan();
        if (open == null || !open.plan.id().equals(plan.id())) {
            open = new OpenRound(plan, dimension);
            board.invited(plan);
        }
        invite.encapsulations()
                .forEach((site, encapsulations) -> tell(List.of(site), new SiteMessage.Plan(plan, encapsulations)));
    }

    private OpenRound round() {
        if (open == null) {
            throw new IllegalStateException("the machine speaks of a round that was not opened");
        }
        return open;
    }

    private void close(Effect.CloseRound closed, List<RoundSummary> summaries) {
        RoundPlan plan = closed.plan();
        open = null;
        RoundSummary summary = summaries.stream()
                .filter(each -> each.round() == plan.id().round()
                        && each.attempt() == plan.id().attempt())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the journal does not know that " + plan.id() + " ended"));
        LOG.atInfo()
                .addKeyValue("round", plan.id().round())
                .addKeyValue("attempt", plan.id().attempt())
                .addKeyValue("outcome", closed.outcome().description())
                .addKeyValue("millis", summary.millis())
                .log("a round has ended");
        if (closed.outcome() instanceof RoundOutcome.Released released) {
            model = released.version();
            board.closed(summary, model);
            tell(
                    links.keySet(),
                    new SiteMessage.Released(
                            plan.id(),
                            model,
                            released.participation().contributors().size()));
        } else {
            board.closed(summary, model);
            tell(
                    links.keySet(),
                    new SiteMessage.Abandoned(plan.id(), closed.outcome().description()));
        }
    }

    private void tell(Iterable<SiteName> sites, SiteMessage message) {
        // A link that ends while it is told something changes the map only through a message to the actor.
        for (SiteName site : sites) {
            SiteLink link = links.get(site);
            if (link != null) {
                link.send(message);
            }
        }
    }

    /** The model that is in force, as far as sites have been told. */
    ContentHash model() {
        return model;
    }

    /** How people read where a member stands. */
    static SortedMap<SiteName, String> words(SortedMap<SiteName, Standing> standings) {
        SortedMap<SiteName, String> words = new TreeMap<>();
        standings.forEach((site, standing) -> words.put(
                site,
                switch (standing) {
                    case Standing.Invited invited -> "invited";
                    case Standing.Accepted accepted -> "training";
                    case Standing.Refused refused -> "refused";
                    case Standing.Submitted submitted -> "submitted";
                    case Standing.Lost lost -> "training";
                }));
        return words;
    }
}
