package dev.parley.sim.cli;

import dev.parley.sim.scenario.Scenario;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.scenario.ScenarioRecords;
import dev.parley.sim.simulation.PreparedRun;
import dev.parley.sim.simulation.Simulation;
import dev.parley.sim.simulation.SimulationException;
import dev.parley.sim.simulation.Workers;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parley sim}: a whole federation in this process. */
@Command(
        name = "sim",
        description = {
            "Runs a whole federation on this computer, compares it with each site alone and with pooled training,",
            "prints a table and writes report.html, report.json, rounds.csv and model.safetensors."
        },
        mixinStandardHelpOptions = true)
final class SimCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options = new RunOptions();

    @Option(
            names = "--eval",
            paramLabel = "DIR",
            description =
                    "A second folder of the same form on which the final model is scored; then all of --data trains.")
    private @Nullable Path evaluation;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Sites trained at once; as many as cores without it. Does not change any result.")
    private @Nullable Integer threads;

    @Option(names = "--json", description = "Print report.json on standard output and nothing else there.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws ScenarioException, SimulationException, InterruptedException {
        long began = System.nanoTime();
        Scenario scenario = options.scenario();
        ScenarioException.require(threads == null || threads >= 1, "--threads is at least 1, got " + threads);
        Path folder = options.folder(scenario);
        ProgressLine progress = new ProgressLine(System.err, System.console() != null && !json);
        ScenarioRecords records = ScenarioRecords.load(scenario, options.records(folder, evaluation));
        PreparedRun run = PreparedRun.of(scenario, records, options.seed());
        records.notes().forEach(note -> progress.say("note: " + note));
        progress.say(scenario.title() + ": " + records.sites().size() + " sites, "
                + run.learner().layout().size() + " parameters, seed " + run.seed());
        Simulation.Outcome outcome;
        try (Workers workers =
                new Workers(threads != null ? threads : Runtime.getRuntime().availableProcessors())) {
            outcome = new Simulation(run, RunOptions.command(spec), workers, progress).run(began);
        }
        RunOptions.finish(outcome, folder, json, System.out);
        return ParleyMain.DONE;
    }
}
