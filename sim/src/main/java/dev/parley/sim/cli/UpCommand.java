package dev.parley.sim.cli;

import dev.parley.rounds.FederationSpec;
import dev.parley.sim.scenario.Scenario;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.scenario.ScenarioRecords;
import dev.parley.sim.simulation.Federated;
import dev.parley.sim.simulation.PreparedRun;
import dev.parley.sim.simulation.RunListener;
import dev.parley.sim.simulation.Simulation;
import dev.parley.sim.simulation.SimulationException;
import dev.parley.sim.simulation.Workers;
import dev.parley.sim.up.RealProcesses;
import dev.parley.sim.up.UpException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parley up}: a federation of real processes on this computer. */
@Command(
        name = "up",
        description = {
            "Starts one coordinator and an agent for each site as processes of this computer, with mTLS on loopback,",
            "runs the rounds, scores the model and ends every process; so does Ctrl-C."
        },
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--json", description = "Print report.json on standard output and nothing else there.")
    private boolean json;

    @Option(names = "--no-console", description = "Start no web console; else its one-time link is printed.")
    private boolean noConsole;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws ScenarioException, SimulationException, UpException, InterruptedException {
        long began = System.nanoTime();
        Scenario scenario = options.scenario();
        Path folder = options.folder(scenario);
        ScenarioRecords records = ScenarioRecords.load(scenario, options.records(folder, null));
        PreparedRun run = PreparedRun.of(scenario, records, options.seed());
        boolean terminal = System.console() != null && !json;
        RealProcesses processes = new RealProcesses(run, folder, ChildMain.class, System.err, terminal, !noConsole);
        FederationSpec federation = processes.spec();
        Federated federated = processes.run(federation);
        Simulation.Outcome outcome;
        try (Workers workers = new Workers(Runtime.getRuntime().availableProcessors())) {
            outcome = new Simulation(run, RunOptions.command(spec), workers, RunListener.NONE)
                    .conclude(federated, federation, began);
        }
        RunOptions.finish(outcome, folder, json, System.out);
        return ParleyMain.DONE;
    }
}
