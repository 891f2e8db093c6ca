package dev.parley.sim.simulation;

import dev.parley.agent.participation.SiteParticipant;
import dev.parley.learning.evaluation.Metrics;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.ReleasedVersion;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.SiteName;
import dev.parley.sim.report.RunReport;
import dev.parley.sim.report.RunReport.LocalBaseline;
import dev.parley.sim.report.RunReport.MissingModality;
import dev.parley.sim.report.RunReport.Scored;
import dev.parley.sim.report.RunReport.Seconds;
import dev.parley.sim.report.RunReport.SecureSums;
import dev.parley.sim.scenario.FederatedSite;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.scenario.ScenarioRecords.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** One run from records to report: the federation, what it is compared with, and the scores. */
public final class Simulation {
    private final PreparedRun run;
    private final String command;
    private final Workers workers;
    private final RunListener listener;
    private final AtomicLong stepsDone = new AtomicLong();
    private final long stepsExpected;

    /**
     * What a run leaves.
     *
     * @param model the last released version
     */
    public record Outcome(RunReport report, ReleasedVersion model) {}

    /** @param command repeats the run; for the report */
    public Simulation(PreparedRun run, String command, Workers workers, RunListener listener) {
        this.run = run;
        this.command = command;
        this.workers = workers;
        this.listener = listener;
        this.stepsExpected = stepsExpected(run);
    }

    private static long stepsExpected(PreparedRun run) {
        long perRound = 0;
        long unprotected = 0;
        int pooled = 0;
        for (FederatedSite site : run.records().sites()) {
            int examples = site.training().records().size();
            perRound += run.stepsPerRound(examples);
            unprotected += run.unprotectedSteps(examples);
            pooled += examples;
        }
        int sites = run.records().sites().size();
        long federated = perRound * run.participants() / sites;
        long local = run.scenario().baselines().local() ? unprotected : 0;
        long central = run.scenario().baselines().central() ? run.unprotectedSteps(pooled) : 0;
        return run.scenario().rounds().training() * (federated + local + central);
    }

    private void step() {
        long done = stepsDone.incrementAndGet();
        listener.onSteps(Math.min(done, stepsExpected), stepsExpected);
    }

    /** Runs everything; the report's seconds count from {@code began}, a {@link System#nanoTime}. */
    public Outcome run(long began) throws SimulationException, ScenarioException, InterruptedException {
        listener.onStage("federation");
        StepListener steps = (step, total) -> step();
        if (run.alone()) {
            Federated sole = new SoleSite(run, roundScores(), steps, listener).train();
            return conclude(sole, baselines(steps), Optional.empty(), true, began);
        }
        FederationSpec spec = run.spec(CohortRule.everyOneOf(run.participants()));
        SortedMap<SiteName, SiteParticipant> participants = new TreeMap<>();
        run.records().sites().forEach(site -> participants.put(site.name(), run.participant(site, spec)));
        Federated federated = new SimulatedFederation(
                        spec, run.initial(), participants, workers, steps, roundScores(), listener)
                .run();
        return conclude(federated, baselines(steps), run.siteLevelClaim(spec), true, began);
    }

    /**
     * Scores a federation that ran elsewhere, without baselines.
     *
     * @param spec under which it ran
     */
    public Outcome conclude(Federated federated, FederationSpec spec, long began)
            throws SimulationException, InterruptedException {
        return conclude(federated, new Baselines(Optional.empty(), List.of()), run.siteLevelClaim(spec), false, began);
    }

    private Outcome conclude(
            Federated federated, Baselines baselines, Optional<SiteLevelClaim> claim, boolean foreseeable, long began)
            throws SimulationException, InterruptedException {
        listener.onStage("scores");
        Scoring scoring = scoring();
        ParameterVector model = federated.model().model();
        Scored scores = scoring.scored(model);
        Optional<Scored> central = Optional.empty();
        if (baselines.central().isPresent()) {
            central = Optional.of(scoring.scored(baselines.central().get()));
        }
        Optional<LocalBaseline> local = local(baselines, scoring);
        List<MissingModality> missing = scoring.missing(model);
        RunReport report = new RunReport(
                run.scenario().name(),
                run.scenario().title(),
                run.seed(),
                run.learner().layout().size(),
                ReportedSites.of(run),
                federated.rounds(),
                scores,
                run.records().evaluation() instanceof Evaluation.OtherFolder ? Optional.of(scores) : Optional.empty(),
                local,
                central,
                missing,
                sums(),
                ReportedPrivacy.of(run, federated, claim, foreseeable),
                federated.bytes(),
                new Seconds(secondsSince(began), federated.trainingSeconds(), federated.aggregationSeconds()),
                new RunReport.Data(
                        run.records().schema().classes(),
                        run.records().schema().modalityNames(),
                        run.records().quarantined(),
                        run.records().notes()),
                command,
                new TreeMap<>(run.scenario().settings()));
        return new Outcome(report, federated.model());
    }

    private SecureSums sums() {
        int bits = run.scenario().rounds().bits();
        return switch (run.scenario().rounds().robust()) {
            case RobustRule.None none -> new SecureSums(bits, run.colluding(), 1, "none");
            case RobustRule.Groups groups ->
                new SecureSums(
                        bits,
                        run.colluding(),
                        groups.count(),
                        groups.combination().word());
        };
    }

    private static double secondsSince(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private record Baselines(Optional<ParameterVector> central, List<ParameterVector> local) {}

    private Baselines baselines(StepListener steps) throws SimulationException, InterruptedException {
        List<Baseline> tasks = new ArrayList<>();
        boolean withCentral = run.scenario().baselines().central();
        if (withCentral) {
            // The longest first, so that the other threads share the sites meanwhile.
            List<SiteRecord> pooled = run.records().sites().stream()
                    .flatMap(site -> site.training().records().stream())
                    .toList();
            tasks.add(new Baseline(run, "pooled", pooled, steps));
        }
        if (run.scenario().baselines().local()) {
            for (FederatedSite site : run.records().sites()) {
                tasks.add(new Baseline(run, site.name().value(), site.training().records(), steps));
            }
        }
        if (!tasks.isEmpty()) {
            listener.onStage("comparison");
        }
        List<ParameterVector> models = workers.all(tasks);
        return new Baselines(
                withCentral ? Optional.of(models.getFirst()) : Optional.empty(),
                models.subList(withCentral ? 1 : 0, models.size()));
    }

    /**
     * The participating sites score rounds themselves, where they hold records out and no noise hides whole sites; else it is
     * done for them.
     */
    private RoundScores roundScores() {
        if (run.records().evaluation() instanceof Evaluation.OwnSubjects
                && !run.alone()
                && run.scenario().rounds().siteLevel().isEmpty()) {
            return RoundScores.NONE;
        }
        Scoring scoring = scoring();
        int every = run.scenario().rounds().evaluateEvery();
        int last = run.scenario().rounds().training();
        return (round, model) -> round == last || round > 0 && round % every == 0
                ? Optional.of(scoring.metrics(List.of(model)).getFirst())
                : Optional.empty();
    }

    private Scoring scoring() {
        return new Scoring(run.learner(), run.records().evaluation(), workers, run.seed());
    }

    private Optional<LocalBaseline> local(Baselines baselines, Scoring scoring)
            throws SimulationException, InterruptedException {
        if (baselines.local().isEmpty()) {
            return Optional.empty();
        }
        List<Metrics> metrics = scoring.metrics(baselines.local());
        SortedMap<String, Metrics> perSite = new TreeMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            perSite.put(run.records().sites().get(i).label(), metrics.get(i));
        }
        Metrics mean = Metrics.mean(metrics);
        long records = metrics.getFirst().n(); // every model is scored on the same ones
        return Optional.of(new LocalBaseline(
                new Metrics(records, mean.auroc(), mean.accuracy(), mean.macroF1(), mean.ece(), mean.brier()),
                perSite));
    }
}
