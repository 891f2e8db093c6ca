package dev.parley.sim.cli;

import dev.parley.learning.record.Strictness;
import dev.parley.sim.report.ReportJson;
import dev.parley.sim.report.SummaryTable;
import dev.parley.sim.scenario.RecordOptions;
import dev.parley.sim.scenario.Scenario;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.scenario.ScenarioReader;
import dev.parley.sim.simulation.Simulation;
import dev.parley.sim.simulation.SimulationException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code sim} and {@code up} have in common. */
final class RunOptions {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    @Parameters(
            paramLabel = "SCENARIO",
            arity = "0..1",
            description =
                    "hospital, plant, hospital-private (synthetic), hospital-real, wearable, hydraulic, mnist, mnist-private,"
                            + " mnist-sites (with --data), or a YAML file")
    private @Nullable String scenario;

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of records, for scenarios that read them.")
    private @Nullable Path data;

    @Option(names = "--rounds", paramLabel = "N", description = "Training rounds.")
    private @Nullable Integer rounds;

    @Option(names = "--sites", paramLabel = "K", description = "The first K sites only.")
    private @Nullable Integer sites;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Decides what is drawn, split and trained (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where results go; runs/<time>-<scenario> without it. It must be empty or not exist.")
    private @Nullable Path out;

    @Option(
            names = "--set",
            paramLabel = "path=value",
            description = "Overrides one setting of the scenario, such as learning.optimizer.learningRate=0.001.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--strict",
            description = "Refuse records of which a row breaks a rule, instead of leaving the row out.")
    private boolean strict;

    Scenario scenario() throws ScenarioException {
        if (scenario == null) {
            throw new ScenarioException("name a scenario: one of " + String.join(", ", ScenarioReader.SHIPPED)
                    + ", or the path of a YAML file");
        }
        List<String> all = new ArrayList<>(overrides);
        if (rounds != null) {
            all.add("federation.rounds=" + rounds);
        }
        return ScenarioReader.read(scenario, all);
    }

    long seed() {
        return seed;
    }

    /** Makes the run's folder. */
    Path folder(Scenario read) throws ScenarioException {
        Path folder = out != null
                ? out
                : Path.of("runs", STAMP.format(ZonedDateTime.now(ZoneOffset.UTC)) + "-" + read.name());
        try {
            if (Files.isDirectory(folder)) {
                try (var entries = Files.list(folder)) {
                    if (entries.findAny().isPresent()) {
                        throw new ScenarioException(
                                "--out " + folder + " is not empty; name another folder, nothing was written");
                    }
                }
            }
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new ScenarioException("cannot create the folder " + folder + "; name another with --out", e);
        }
    }

    RecordOptions records(Path folder, @Nullable Path evaluation) {
        return new RecordOptions(
                Optional.ofNullable(data),
                Optional.ofNullable(evaluation),
                Optional.ofNullable(sites),
                seed,
                folder,
                strict ? Strictness.STRICT : Strictness.QUARANTINE);
    }

    /** The command that repeats this run. */
    static String command(CommandSpec spec) {
        CommandSpec parent = spec.parent();
        return "./parley "
                + (parent == null
                        ? spec.name()
                        : String.join(" ", parent.commandLine().getParseResult().originalArgs()));
    }

    /** Writes the results and says where. */
    static void finish(Simulation.Outcome outcome, Path folder, boolean json, PrintStream out)
            throws SimulationException {
        try {
            outcome.report().writeTo(folder);
            Files.write(folder.resolve("model.safetensors"), outcome.model().safetensors());
        } catch (IOException e) {
            throw new SimulationException("cannot write the results to " + folder + ": " + e.getMessage(), e);
        }
        if (json) {
            out.print(ReportJson.text(outcome.report()));
            return;
        }
        out.print(SummaryTable.of(outcome.report()));
        out.println();
        out.println("report: " + folder.resolve("report.html"));
    }
}
