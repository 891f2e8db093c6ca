package dev.parley.sim.up;

import dev.parley.learning.evaluation.Metrics;
import dev.parley.privacy.update.Safetensors;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.ReleasedVersion;
import dev.parley.rounds.SiteName;
import dev.parley.sim.report.RunReport.Bytes;
import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.scenario.FederatedSite;
import dev.parley.sim.scenario.FederatedSite.DatasetFile;
import dev.parley.sim.scenario.Scenario.HeldOut;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.simulation.Federated;
import dev.parley.sim.simulation.PreparedRun;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Runs a prepared federation as processes of this computer: one coordinator, an agent for each site, TLS between them.
 *
 * <p><b>Guarantees</b>: as long as every site contributes to every round, the model's bits are those of the simulator; a
 * round ends without one site that dies; no process is left behind.
 */
public final class RealProcesses {
    /** Each further process is a Java virtual machine with the engine loaded. */
    public static final int MOST_SITES = 16;

    private final PreparedRun run;
    private final RunFolder folder;
    private final JavaProgram java;
    private final Screen screen;

    /**
     * @param childMain main class of the processes; takes {@code coordinator} or {@code agent}, then that program's
     *     arguments, and begins with {@link ParentWatch#begin}
     * @param console whether people can watch in a browser
     */
    public RealProcesses(
            PreparedRun run, Path folder, Class<?> childMain, PrintStream out, boolean terminal, boolean console) {
        this.run = run;
        this.folder = new RunFolder(folder, console);
        this.java = JavaProgram.likeThis(childMain);
        this.screen = new Screen(out, terminal);
    }

    /** All must be there to begin; after that one may be lost. */
    private CohortRule cohort() {
        int sites = run.records().sites().size();
        int floor = Math.max(2, sites - 1);
        return new CohortRule(sites, floor, sites, floor);
    }

    /** What the processes will run. */
    public FederationSpec spec() throws ScenarioException {
        int sites = run.records().sites().size();
        ScenarioException.require(
                sites >= 2 && sites <= MOST_SITES,
                "up starts 2 to " + MOST_SITES + " sites, got " + sites + "; choose with --sites, or use ./parley sim");
        return run.spec(cohort());
    }

    /** Runs {@link #spec} to the end. */
    public Federated run(FederationSpec spec) throws ScenarioException, UpException, InterruptedException {
        long began = System.nanoTime();
        Preparation preparation;
        try {
            preparation = new Preparation(
                    spec,
                    ReleasedVersion.of(run.initial()).safetensors(),
                    run.document(),
                    run.scenario().purpose(),
                    manifests());
        } catch (IOException e) {
            throw new UpException("the run folder " + folder.root() + " cannot be used: " + e.getMessage(), e);
        }
        UpRun.Completed completed = new UpRun(folder, preparation, java, screen).run();
        double seconds = (System.nanoTime() - began) / 1e9;
        ReleasedVersion model = ReleasedVersion.of(Safetensors.read(completed.model()));
        LiveStatus status = completed.status();
        return new Federated(
                model,
                rounds(status, model.safetensors().length),
                new Bytes(status.upBytes(), status.downBytes()),
                trainedRounds(),
                seconds,
                0);
    }

    /** Every site in every round: more than it did where it missed one, never less. */
    private SortedMap<SiteName, Integer> trainedRounds() {
        SortedMap<SiteName, Integer> rounds = new TreeMap<>();
        run.records()
                .sites()
                .forEach(site -> rounds.put(site.name(), run.scenario().rounds().training()));
        return rounds;
    }

    /** Each site's manifest: the records' own, with the run's split. */
    private SortedMap<SiteName, Path> manifests() throws IOException, ScenarioException {
        double heldOut = run.scenario().heldOut() instanceof HeldOut.Subjects subjects ? subjects.share() : 0;
        SortedMap<SiteName, Path> manifests = new TreeMap<>();
        for (FederatedSite site : run.records().sites()) {
            DatasetFile dataset = site.dataset()
                    .orElseThrow(() -> new ScenarioException("site " + site.name()
                            + " exists in the simulator only: its records are dealt, not read from a manifest; use "
                            + "./parley sim"));
            Path folderOfSite = Files.createDirectories(folder.site(site.name()));
            String only = dataset.onlySite()
                    .map(label -> "only-site: " + quoted(label) + "\n")
                    .orElse("");
            Path included =
                    folderOfSite.toAbsolutePath().relativize(dataset.manifest().toAbsolutePath());
            manifests.put(site.name(), Files.writeString(folderOfSite.resolve("dataset.yaml"), """
                            # Written by 'parley up': the records of one site, split as this run splits them.
                            format: parley-dataset-1
                            include: %s
                            %ssplit: {held-out: %s, seed: %d}
                            """.formatted(
                            quoted(included.toString()), only, heldOut, run.seed())));
        }
        return manifests;
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** @param modelBytes of every version, and about those of an update; the processes count bytes as a whole only */
    private List<RoundEntry> rounds(LiveStatus status, long modelBytes) {
        long updateBytes = 4L * (run.learner().layout().size() + 1);
        List<RoundEntry> rounds = new ArrayList<>();
        for (LiveStatus.Round round : status.history()) {
            Optional<Metrics> pooled = round.pooled()
                    .map(p -> new Metrics(p.n(), p.auroc(), p.accuracy(), p.macroF1(), p.ece(), p.brier()));
            rounds.add(new RoundEntry(
                    round.round() + (run.learner().needsStatistics() ? 0 : 1),
                    round.task().equals("train") ? "train" : "statistics",
                    round.contributions(),
                    round.smallestSum(),
                    pooled,
                    round.millis() / 1e3,
                    round.contributions() * updateBytes,
                    round.contributions() * modelBytes));
        }
        return rounds;
    }
}
