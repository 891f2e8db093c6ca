package dev.parley.server;

import dev.parley.rounds.SiteName;
import dev.parley.server.cluster.ActorFederation;
import dev.parley.server.configuration.ConfigurationException;
import dev.parley.server.configuration.CoordinatorConfiguration;
import dev.parley.server.console.ConsoleServer;
import dev.parley.server.identity.CertificateAuthority;
import dev.parley.server.logging.CoordinatorLogging;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line of the coordinator. */
@Command(
        name = "parley coordinator",
        version = CoordinatorMain.SOFTWARE + ", protocol version 2",
        description = "The coordinator of one federation: plans rounds, adds up masked updates, keeps the versions.",
        subcommands = {
            CoordinatorMain.Run.class,
            CoordinatorMain.Token.class,
            CoordinatorMain.Site.class,
            CoordinatorMain.CheckConfig.class,
            CoordinatorMain.ExampleConfig.class
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:done; run --exit-when-done: the federation has completed",
            "1:broken; the log names an incident",
            "2:wrong command line, configuration, initial model or learning document",
            "4:the address or port cannot be listened on",
            "5:run --exit-when-done: the federation ended without completing",
            "6:the data folder is in use or cannot be read or written",
            "7:the database cannot be started, reached or used, or its journal was begun with other settings",
            "8:the policies in force do not let the federation begin",
            "130, 143:stopped by SIGINT or SIGTERM, in order"
        })
public final class CoordinatorMain {
    /** What manifests and the audit log name as the program. */
    static final String SOFTWARE = "parley 0.1.0";

    private CoordinatorMain() {}

    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    /** Runs one command; the answer is the exit code of the process. Errors are one line on standard error. */
    public static int execute(String... arguments) {
        CoordinatorLogging.apply();
        CommandLine line = new CommandLine(new CoordinatorMain());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            PrintStream error = System.err;
            switch (failure) {
                case StartFailure known -> {
                    known.shown().lines().forEach(error::println);
                    error.println("parley coordinator: " + oneLine(known.getMessage()));
                    return known.exitCode().code();
                }
                case ConfigurationException known -> {
                    error.println("parley coordinator: " + oneLine(known.getMessage()));
                    return ExitCode.INPUT.code();
                }
                default -> {
                    String incident =
                            Integer.toHexString(ThreadLocalRandom.current().nextInt());
                    LoggerFactory.getLogger(CoordinatorMain.class)
                            .atError()
                            .addKeyValue("incident", incident)
                            .setCause(failure)
                            .log("the command broke");
                    error.println("parley coordinator: broke unexpectedly; the log above has incident " + incident);
                    return ExitCode.BROKEN.code();
                }
            }
        });
        line.setParameterExceptionHandler((failure, parsed) -> {
            System.err.println("parley coordinator: " + oneLine(failure.getMessage()) + "; see "
                    + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return ExitCode.INPUT.code();
        });
        return line.execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
    }

    private static String oneLine(@org.jspecify.annotations.Nullable String message) {
        return String.valueOf(message).replaceAll("\\s*\\R\\s*", " ");
    }

    /** The option that every command has. */
    static final class ConfigurationOption {
        @Option(
                names = "--config",
                required = true,
                paramLabel = "FILE",
                description = "coordinator.yaml: data folder, address, initial model, federation")
        private Path file = Path.of("");

        CoordinatorConfiguration read() throws ConfigurationException {
            return CoordinatorConfiguration.read(file);
        }

        Path file() {
            return file;
        }
    }

    @Command(name = "run", description = "Runs the federation until it is stopped.", mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {
        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Option(names = "--json", description = "Write each change of status as one line of JSON on standard output.")
        private boolean json;

        @Option(
                names = "--exit-when-done",
                description = "End when the federation has ended: exit code 0 if it completed, 5 if it failed.")
        private boolean exitWhenDone;

        @Override
        public Integer call() throws Exception {
            Optional<PrintStream> lines = json ? Optional.of(System.out) : Optional.empty();
            Coordinator coordinator = Coordinator.start(configuration.read(), lines, InstantSource.system());
            // A signal ends up here; when the hook has returned, the platform ends the process with 130 or 143.
            AtomicBoolean signalled = new AtomicBoolean();
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                signalled.set(true);
                                coordinator.close();
                            },
                            "coordinator-stop"));
            if (!json) {
                System.out.println(
                        "listening on " + coordinator.address() + ", authority " + coordinator.fingerprint());
                coordinator.console().ifPresent(Run::announce);
            }
            ActorFederation.Ending ending = coordinator.awaitEnd();
            if (signalled.get()) {
                Thread.currentThread().join(); // the hook is at work; there is no result to report
            }
            if (ending.kind() == ActorFederation.Ending.Kind.BROKEN) {
                // The journal is whole: whoever watches over this process starts it again.
                coordinator.close();
                System.err.println("parley coordinator: " + oneLine(ending.outcome()));
                return ExitCode.BROKEN.code();
            }
            if (!json) {
                System.out.println("the federation has ended: " + ending.outcome() + "; its last model is "
                        + coordinator.modelFile(ending.model()));
            }
            if (!exitWhenDone) {
                Thread.currentThread().join(); // until a signal
            }
            coordinator.close();
            return (ending.completed() ? ExitCode.DONE : ExitCode.FEDERATION_FAILED).code();
        }

        /** The link goes to a person's eyes, never into a log that output is sent to. */
        private static void announce(ConsoleServer console) {
            System.out.println("console on " + console.url());
            Console terminal = System.console();
            boolean seen = terminal != null && terminal.isTerminal();
            console.setupLink()
                    .ifPresent(link -> System.out.println("make the first account, once: "
                            + (seen ? link : "the link is in the ready-file, as console-setup")));
        }
    }

    @Command(
            name = "token",
            description = "One-time enrolment tokens.",
            subcommands = CreateToken.class,
            mixinStandardHelpOptions = true)
    static final class Token implements Runnable {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new CommandLine.ParameterException(spec.commandLine(), "say what: token create SITE");
        }
    }

    @Command(
            name = "create",
            description = {
                "Prints a token with which SITE can enrol once. Give it to the site's administrator over a channel that you",
                "trust: it is the only secret, and it tells the agent which coordinator to trust. An earlier token of the site",
                "stops working."
            },
            mixinStandardHelpOptions = true)
    static final class CreateToken implements Callable<Integer> {
        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Parameters(paramLabel = "SITE", converter = SiteNameConverter.class)
        private SiteName site = new SiteName("unset");

        @Override
        public Integer call() throws Exception {
            CoordinatorConfiguration read = configuration.read();
            DataFolder data = DataFolder.open(read.data());
            CertificateAuthority authority = data.authority(read.certificates(), InstantSource.system());
            System.out.println(
                    data.tokens(InstantSource.system()).create(site, read.tokenValidity(), authority.fingerprint()));
            return ExitCode.DONE.code();
        }
    }

    @Command(
            name = "site",
            description = "The sites that hold a certificate.",
            subcommands = {ListSites.class, RevokeSite.class},
            mixinStandardHelpOptions = true)
    static final class Site implements Runnable {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new CommandLine.ParameterException(spec.commandLine(), "say what: site list, or site revoke SITE");
        }
    }

    @Command(name = "list", description = "Prints the enrolled sites.", mixinStandardHelpOptions = true)
    static final class ListSites implements Callable<Integer> {
        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Override
        public Integer call() throws Exception {
            register(configuration.read()).sites().forEach(System.out::println);
            return ExitCode.DONE.code();
        }
    }

    @Command(
            name = "revoke",
            description = "Takes every certificate of SITE out of force, at once, also while the coordinator runs.",
            mixinStandardHelpOptions = true)
    static final class RevokeSite implements Callable<Integer> {
        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Parameters(paramLabel = "SITE", converter = SiteNameConverter.class)
        private SiteName site = new SiteName("unset");

        @Override
        public Integer call() throws Exception {
            int revoked = register(configuration.read()).revoke(site);
            if (revoked == 0) {
                throw new StartFailure(
                        ExitCode.INPUT, "site " + site + " holds no certificate; see parley coordinator site list");
            }
            System.out.println("revoked " + revoked + " certificate" + (revoked == 1 ? "" : "s") + " of site " + site);
            return ExitCode.DONE.code();
        }
    }

    private static dev.parley.server.identity.CertificateRegister register(CoordinatorConfiguration read)
            throws StartFailure {
        return DataFolder.open(read.data())
                .authority(read.certificates(), InstantSource.system())
                .register();
    }

    @Command(
            name = "check-config",
            description = "Reads the configuration and everything it names, and says what it found; starts nothing.",
            mixinStandardHelpOptions = true)
    static final class CheckConfig implements Callable<Integer> {
        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Override
        public Integer call() throws Exception {
            CoordinatorConfiguration read = configuration.read();
            FederationMaterial material = FederationMaterial.read(read);
            Coordinator.requireStart(Coordinator.governance(read, material, InstantSource.system()));
            List<String> findings = List.of(
                    "federation " + read.federation().name(),
                    "model " + material.initial().hash() + ", "
                            + material.model().size() + " parameters",
                    "learning document " + material.learningHash(),
                    "policies " + material.policies().policyNames().size() + ", bindings "
                            + material.policies().bindingNames().size() + ", hash "
                            + material.policies().hash(),
                    configuration.file() + ": ok");
            findings.forEach(System.out::println);
            return ExitCode.DONE.code();
        }
    }

    @Command(
            name = "example-config",
            description = "Prints a configuration with every key explained; redirect it to coordinator.yaml.",
            mixinStandardHelpOptions = true)
    static final class ExampleConfig implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            try (InputStream example = CoordinatorMain.class.getResourceAsStream("coordinator-example.yaml")) {
                if (example == null) {
                    throw new IllegalStateException("coordinator-example.yaml is missing from the program");
                }
                System.out.print(new String(example.readAllBytes(), StandardCharsets.UTF_8));
            }
            return ExitCode.DONE.code();
        }
    }

    /** Site names on the command line are checked like everywhere. */
    static final class SiteNameConverter implements CommandLine.ITypeConverter<SiteName> {
        @Override
        public SiteName convert(String value) {
            try {
                return new SiteName(value);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(e.getMessage() + ", not '" + value + "'");
            }
        }
    }
}
