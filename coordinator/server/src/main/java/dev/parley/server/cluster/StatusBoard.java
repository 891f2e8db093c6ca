package dev.parley.server.cluster;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationPhase;
import dev.parley.rounds.FederationState;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.RoundState;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Standing;
import dev.parley.server.journal.FederationRecord;
import dev.parley.server.status.FederationStatus;
import dev.parley.server.status.FederationStatus.RoundSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what people are shown about a federation and publishes it after each change. Decides nothing. Belongs to the
 * actor: not thread-safe.
 */
final class StatusBoard {
    private final FederationName federation;
    private final int rounds;
    private final Consumer<FederationStatus> publish;
    private final Map<SiteName, FederationStatus.Site> sites = new TreeMap<>();
    private final List<RoundSummary> history = new ArrayList<>();
    private String phase = "waiting";
    private @Nullable Integer round;
    private @Nullable Integer attempt;
    private @Nullable String task;
    private @Nullable Instant deadline;
    private ContentHash model;
    private @Nullable String outcome;

    StatusBoard(FederationName federation, int rounds, ContentHash model, Consumer<FederationStatus> publish) {
        this.federation = federation;
        this.rounds = rounds;
        this.model = model;
        this.publish = publish;
    }

    void attached(SiteName site, boolean attached) {
        FederationStatus.Site known = site(site);
        sites.put(site, new FederationStatus.Site(known.site(), attached, known.state(), known.step(), known.steps()));
        publish();
    }

    void invited(RoundPlan plan) {
        this.phase = "inviting";
        this.round = plan.id().round();
        this.attempt = plan.id().attempt();
        this.task = plan.task().word();
        this.deadline = plan.deadline();
        sites.replaceAll((name, site) -> withState(site, plan.cohort().contains(name) ? "invited" : "idle"));
        publish();
    }

    void phase(String phase, @Nullable Instant deadline) {
        this.phase = phase;
        this.deadline = deadline;
        publish();
    }

    void state(SiteName site, String state) {
        sites.put(site, withState(site(site), state));
        publish();
    }

    void progress(SiteName site, int step, int steps) {
        FederationStatus.Site known = site(site);
        sites.put(site, new FederationStatus.Site(known.site(), known.attached(), "training", step, steps));
        publish();
    }

    /** @param model in force now */
    void closed(RoundSummary summary, ContentHash model) {
        this.model = model;
        history.add(summary);
        if (history.size() > FederationRecord.MOST_SUMMARIES) {
            history.remove(0);
        }
        phase = "waiting";
        deadline = null;
        publish();
    }

    /** Shows a federation as its journal leaves it; no site is attached yet. */
    void resume(FederationState state, List<RoundSummary> ended) {
        history.clear();
        history.addAll(ended);
        model = state.modelHash();
        state.attached().forEach(site -> sites.put(site, site(site)));
        if (!ended.isEmpty()) {
            RoundSummary last = ended.getLast();
            round = last.round();
            attempt = last.attempt();
            task = last.task();
        }
        if (state.phase() instanceof FederationPhase.Running running) {
            resume(running.round());
        }
        publish();
    }

    private void resume(RoundState running) {
        RoundPlan plan = running.plan();
        round = plan.id().round();
        attempt = plan.id().attempt();
        task = plan.task().word();
        plan.cohort().forEach(site -> sites.put(site, site(site)));
        switch (running) {
            case RoundState.Open open -> {
                phase = open instanceof RoundState.Inviting ? "inviting" : "collecting";
                deadline = plan.deadline();
                show(open.standings());
            }
            case RoundState.Recovering recovering -> {
                phase = "recovering";
                show(recovering.standings());
            }
            case RoundState.Releasing releasing -> {
                phase = "releasing";
                show(releasing.standings());
            }
            case RoundState.Evaluating evaluating -> {
                phase = "evaluating";
                deadline = evaluating.deadline();
                evaluating.awaited().forEach(site -> sites.put(site, withState(site(site), "evaluating")));
                evaluating.reported().forEach(site -> sites.put(site, withState(site(site), "evaluated")));
            }
            case RoundState.RecoveringCounts recovering -> phase = "recovering";
            case RoundState.Planned planned -> phase = "inviting";
            case RoundState.Closed closed -> phase = "waiting";
        }
    }

    private void show(SortedMap<SiteName, Standing> standings) {
        SiteDesk.words(standings).forEach((site, word) -> sites.put(site, withState(site(site), word)));
    }

    void ended(String phase, String outcome) {
        this.phase = phase;
        this.deadline = null;
        this.outcome = outcome;
        publish();
    }

    private FederationStatus.Site site(SiteName site) {
        FederationStatus.Site known = sites.get(site);
        return known == null ? new FederationStatus.Site(site.value(), false, "idle", 0, 0) : known;
    }

    private static FederationStatus.Site withState(FederationStatus.Site site, String state) {
        return new FederationStatus.Site(site.site(), site.attached(), state, 0, 0);
    }

    void publish() {
        publish.accept(new FederationStatus(
                federation.value(),
                phase,
                round,
                attempt,
                rounds,
                task,
                deadline == null ? null : deadline.toString(),
                model.hex(),
                List.copyOf(sites.values()),
                history,
                outcome));
    }
}
