package dev.parley.sim.cli;

import dev.parley.agent.AgentMain;
import dev.parley.agent.connectors.ManifestRecords;
import dev.parley.agent.logging.AgentLogging;
import dev.parley.policies.cli.PolicyMain;
import dev.parley.server.CoordinatorMain;
import dev.parley.server.audit.AuditLogCommand;
import dev.parley.sim.bench.BenchCommand;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.simulation.SimulationException;
import dev.parley.sim.up.UpException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Routes {@code ./parley COMMAND} to its program. */
@Command(
        name = "parley",
        description = "Organisations that may not pool their records train one multimodal model together.",
        subcommands = {SimCommand.class, UpCommand.class, BenchCommand.class, PrivacyCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
public final class ParleyMain {
    /** Done. */
    static final int DONE = 0;
    /** Failed while running. */
    static final int FAILED = 1;
    /** Wrong usage or input; one line says what to do. */
    static final int INPUT = 2;

    private static final Map<String, String> NOT_BUILT = Map.of("admin", "issue #7");

    private ParleyMain() {}

    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    /** Runs one command; the answer is the exit code of the process. */
    static int execute(String... arguments) {
        String command = arguments.length == 0 ? "" : arguments[0];
        String[] rest = Arrays.copyOfRange(arguments, Math.min(1, arguments.length), arguments.length);
        if (NOT_BUILT.containsKey(command)) {
            System.err.println("parley: '" + command + "' is not built yet; it comes with " + NOT_BUILT.get(command)
                    + ". ./parley --help shows what is there");
            return INPUT;
        }
        return switch (command) {
            case "coordinator" -> CoordinatorMain.execute(rest);
            case "policy" -> PolicyMain.execute(rest);
            case "audit" -> AuditLogCommand.execute(rest);
            case "agent" -> AgentMain.execute(ManifestRecords::read, rest);
            default -> own(arguments);
        };
    }

    private static int own(String... arguments) {
        AgentLogging.apply(); // what runs here is the site's side, and libraries below it are as talkative
        CommandLine line = new CommandLine(new ParleyMain());
        line.setExecutionExceptionHandler((failure, command, parsed) -> switch (failure) {
            case ScenarioException known -> say(INPUT, String.valueOf(known.getMessage()));
            case SimulationException known -> say(FAILED, String.valueOf(known.getMessage()));
            case UpException known -> say(FAILED, String.valueOf(known.getMessage()));
            case InterruptedException stopped -> say(FAILED, "stopped");
            default -> {
                failure.printStackTrace(System.err);
                yield say(FAILED, "broke unexpectedly; please report what stands above");
            }
        });
        line.setParameterExceptionHandler((failure, parsed) -> say(
                INPUT,
                failure.getMessage() + "; see ./"
                        + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help"));
        return line.execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
    }

    private static int say(int code, String message) {
        System.err.println("parley: " + message.replaceAll("\\s*\\R\\s*", " ").strip());
        return code;
    }

    /** A duration for people. */
    static String seconds(double seconds) {
        return seconds < 100
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%d min %02d s", (long) seconds / 60, (long) seconds % 60);
    }
}
