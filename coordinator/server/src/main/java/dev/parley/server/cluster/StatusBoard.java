package dev.parley.server.cluster;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.Participation;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Task;
import dev.parley.server.status.FederationStatus;
import dev.parley.server.status.FederationStatus.Evaluation;
import dev.parley.server.status.FederationStatus.RoundSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what people are shown about a federation and publishes it after each change. Decides nothing. Belongs to the
 * actor: not thread-safe.
 */
final class StatusBoard {
    /** Oldest rounds leave the history first; a script that needs all of them follows the JSON lines. */
    private static final int MAX_HISTORY = 1000;

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
        this.task = task(plan);
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

    void released(
            RoundPlan plan,
            ContentHash version,
            Participation participation,
            long millis,
            @Nullable Evaluation evaluation) {
        this.model = version;
        end(new RoundSummary(
                plan.id().round(),
                plan.id().attempt(),
                task(plan),
                "released",
                version.hex(),
                participation.contributors().size(),
                plan.smallestSum(participation.contributors()),
                millis,
                evaluation));
    }

    void abandoned(RoundPlan plan, String reason, ContentHash current, long millis) {
        end(new RoundSummary(
                plan.id().round(),
                plan.id().attempt(),
                task(plan),
                "abandoned: " + reason,
                current.hex(),
                0,
                0,
                millis,
                null));
    }

    private void end(RoundSummary summary) {
        history.add(summary);
        if (history.size() > MAX_HISTORY) {
            history.remove(0);
        }
        phase = "waiting";
        deadline = null;
        publish();
    }

    private static String task(RoundPlan plan) {
        return switch (plan.task()) {
            case Task.AgreeStatistics statistics -> "statistics";
            case Task.Train train -> "train";
        };
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
