package dev.parley.agent;

import dev.parley.agent.configuration.AgentConfiguration;
import dev.parley.agent.configuration.ConfigurationException;
import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.agent.identity.EnrolmentToken;
import dev.parley.agent.identity.SiteIdentity;
import dev.parley.agent.logging.AgentLogging;
import dev.parley.agent.participation.Backoff;
import dev.parley.agent.participation.CoordinatorAddress;
import dev.parley.agent.participation.CoordinatorConnection;
import dev.parley.agent.participation.LogWitness;
import dev.parley.agent.participation.NoiseShare;
import dev.parley.agent.participation.Pauses;
import dev.parley.agent.participation.Retrying;
import dev.parley.agent.participation.SiteAgent;
import dev.parley.agent.participation.SiteWork;
import dev.parley.agent.participation.SumMembership;
import dev.parley.agent.storage.BudgetFile;
import dev.parley.learning.training.Learner;
import dev.parley.learning.training.LearningConfiguration;
import dev.parley.learning.training.NoiseOrigin;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The command line of the agent. */
@Command(
        name = "parley agent",
        description = "The agent of one site: trains beside the data, dials out, obeys its owner's rules.",
        subcommands = {
            AgentMain.Enrol.class,
            AgentMain.Run.class,
            AgentMain.Explain.class,
            AgentMain.BudgetCommand.class,
            AgentMain.CheckData.class,
            AgentMain.ExampleConfig.class
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:done; run --exit-when-done: the federation has completed",
            "1:broken; the log says where",
            "2:wrong command line, configuration or records, or a site that is not enrolled",
            "4:enrol: the coordinator cannot be reached",
            "5:run --exit-when-done: the federation ended without completing",
            "6:the state folder is in use or cannot be read or written",
            "7:the coordinator refuses this site: token, certificate, protocol version or federation",
            "8:the server's certificate is not from the authority that this site trusts",
            "9:the coordinator's audit log was changed behind this site's back; see docs/AUDIT.md",
            "130, 143:stopped by SIGINT or SIGTERM, in order"
        })
public final class AgentMain {
    private static final String SOFTWARE = "parley-agent 0.1.0";
    private static final Logger LOG = LoggerFactory.getLogger(AgentMain.class);

    private final SiteData.Reader records;

    private AgentMain(SiteData.Reader records) {
        this.records = records;
    }

    /**
     * Runs one command. Errors are one line on standard error.
     *
     * @param records reads the site's records
     * @return the exit code of the process
     */
    public static int execute(SiteData.Reader records, String... arguments) {
        AgentLogging.apply();
        CommandLine line = new CommandLine(new AgentMain(records));
        line.setExecutionExceptionHandler((failure, command, parsed) -> switch (failure) {
            case StartFailure known -> {
                System.err.println("parley agent: " + oneLine(known.getMessage()));
                yield known.exitCode().code();
            }
            case ConfigurationException known -> {
                System.err.println("parley agent: " + oneLine(known.getMessage()));
                yield ExitCode.INPUT.code();
            }
            default -> {
                LOG.atError().setCause(failure).log("the command broke");
                System.err.println("parley agent: broke unexpectedly; the log above says where");
                yield ExitCode.BROKEN.code();
            }
        });
        line.setParameterExceptionHandler((failure, parsed) -> {
            System.err.println("parley agent: " + oneLine(failure.getMessage()) + "; see "
                    + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return ExitCode.INPUT.code();
        });
        return line.execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
    }

    private SiteData read(AgentConfiguration configuration) throws StartFailure {
        try {
            return records.read(configuration.records());
        } catch (SiteData.UnusableException e) {
            throw new StartFailure(ExitCode.INPUT, String.valueOf(e.getMessage()));
        }
    }

    private static String oneLine(@Nullable String message) {
        return String.valueOf(message).replaceAll("\\s*\\R\\s*", " ");
    }

    /** The option that every command has. */
    static final class ConfigurationOption {
        @Option(
                names = "--config",
                required = true,
                paramLabel = "FILE",
                description = "agent.yaml: site, coordinator, federation, records, rules")
        private Path file = Path.of("");

        AgentConfiguration read() throws ConfigurationException {
            return AgentConfiguration.read(file);
        }
    }

    @Command(
            name = "enrol",
            description = {
                "Makes this site's key (it never leaves the state folder) and trades a one-time token for a certificate.",
                "The token names the authority that the site will trust from then on."
            },
            mixinStandardHelpOptions = true)
    static final class Enrol implements Callable<Integer> {
        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @ArgGroup(multiplicity = "1")
        private TokenSource token = new TokenSource();

        @Option(names = "--coordinator", paramLabel = "HOST:PORT", description = "Instead of the configuration's.")
        private @Nullable String coordinator;

        @Option(
                names = "--authority-fingerprint",
                paramLabel = "SHA256",
                description = "Refuse a token that names another authority; for a fingerprint got on another way.")
        private @Nullable String fingerprint;

        @Option(names = "--again", description = "Replace the identity that is there.")
        private boolean again;

        static final class TokenSource {
            @Option(names = "--token-file", paramLabel = "FILE", description = "A file that holds the token.")
            private @Nullable Path file;

            @Option(
                    names = "--token",
                    paramLabel = "TOKEN",
                    description = "The token itself; other users of this computer can see command lines.")
            private @Nullable String text;

            EnrolmentToken read() throws StartFailure {
                try {
                    return EnrolmentToken.parse(file == null ? String.valueOf(text) : Files.readString(file));
                } catch (IOException e) {
                    throw new StartFailure(ExitCode.INPUT, "the token file " + file + " cannot be read");
                } catch (IllegalArgumentException e) {
                    throw new StartFailure(ExitCode.INPUT, String.valueOf(e.getMessage()));
                }
            }
        }

        @Override
        public Integer call() throws Exception {
            AgentConfiguration read = configuration.read();
            EnrolmentToken parsed = token.read();
            if (fingerprint != null && !fingerprint.equals(parsed.authority().hex())) {
                throw new StartFailure(
                        ExitCode.UNTRUSTED,
                        "the token is for the authority " + parsed.authority() + ", not for the one given with "
                                + "--authority-fingerprint; nothing was sent");
            }
            SiteIdentity identity = Enrolment.enrol(read, address(read), parsed, again);
            System.out.println("site " + read.site() + " is enrolled until " + identity.validUntil());
            SiteIdentityKey sums = StateFolder.open(read).sumIdentity(new SecureRandom());
            System.out.println("other sites know it by the fingerprint "
                    + sums.identity().fingerprint() + "; their owners can list it under trusted-sites");
            return ExitCode.DONE.code();
        }

        private CoordinatorAddress address(AgentConfiguration read) throws StartFailure {
            try {
                return coordinator == null ? read.coordinator() : CoordinatorAddress.parse(coordinator);
            } catch (IllegalArgumentException e) {
                throw new StartFailure(ExitCode.INPUT, "--coordinator: " + e.getMessage());
            }
        }
    }

    @Command(
            name = "run",
            description = "Takes part in the federation until it is stopped. It reconnects by itself.",
            mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {
        @ParentCommand
        private @Nullable AgentMain program;

        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Option(
                names = "--exit-when-done",
                description = "End when the federation has ended: exit code 0 if it completed, 5 if it failed.")
        private boolean exitWhenDone;

        @Override
        public Integer call() throws Exception {
            AgentConfiguration read = configuration.read();
            InstantSource clock = InstantSource.system();
            StateFolder state = StateFolder.open(read);
            SiteIdentity identity = state.identity(clock);
            SiteData data = Objects.requireNonNull(program).read(read);
            // The lock comes first: a membership begins by writing what another agent of this site may be writing too.
            try (AutoCloseable lock = state.lock()) {
                return attend(read, state, identity, work(read, data, state.ledger(clock)), clock);
            }
        }

        private int attend(
                AgentConfiguration read, StateFolder state, SiteIdentity identity, SiteWork work, InstantSource clock)
                throws StartFailure, InterruptedException {
            LogWitness witness = state.witness(new SecureRandom(), clock);
            if (witness.refusal().isPresent()) {
                throw logRefused(read, witness.refusal().get());
            }
            SumMembership sums = state.membership(new SecureRandom());
            try (SiteAgent agent = new SiteAgent(
                    CoordinatorConnection.enrolled(read.coordinator(), identity),
                    work,
                    sums,
                    witness,
                    state.blobs(clock),
                    read.maxModelBytes(),
                    SOFTWARE,
                    new Retrying(Backoff.STANDARD, Pauses.REAL, new SecureRandom()),
                    clock)) {
                // A signal ends up here; when the hook has returned, the platform ends the process with 130 or 143.
                Runtime.getRuntime().addShutdownHook(new Thread(agent::close, "agent-stop"));
                LOG.atInfo()
                        .addKeyValue("site", read.site())
                        .addKeyValue("federation", read.federation())
                        .addKeyValue("records", work.training().records().size())
                        .addKeyValue("withheld", work.training().withheld())
                        .addKeyValue("until", identity.validUntil())
                        .log("the agent attends");
                return code(read, agent.run(exitWhenDone));
            }
        }

        private static SiteWork work(AgentConfiguration read, SiteData data, Optional<BudgetFile> ledger) {
            return new SiteWork(
                    read.site(),
                    read.federation(),
                    data.schema(),
                    ConsentedRecords.select(data.training(), read.purpose()),
                    ConsentedRecords.select(data.heldOut(), read.purpose()),
                    read.rules(),
                    document -> learner(LearningConfiguration.parse(document), ledger),
                    new NoiseShare(NoiseOrigin.SECURE, ledger.map(file -> file)));
        }

        /** Without a budget the owner's rules refuse private training, unless noise is not asked for at all. */
        private static Learner learner(LearningConfiguration configuration, Optional<BudgetFile> ledger) {
            return ledger.map(configuration::learner).orElseGet(configuration::learner);
        }

        private static StartFailure logRefused(AgentConfiguration read, String reason) {
            return new StartFailure(
                    ExitCode.LOG_REFUSED,
                    "site " + read.site()
                            + " takes no part: the coordinator's audit log is not the one that it has seen: " + reason
                            + ". What was seen and what was refused lie in " + read.witnessFile()
                            + "; show it to the other sites and to the auditor, and remove it only when you know why; then enrol again (--again),"
                            + " which pins the log's key anew: without it the site checks nothing");
        }

        private static int code(AgentConfiguration read, SiteAgent.Ending ending) throws StartFailure {
            return switch (ending) {
                case SiteAgent.Ending.FederationEnded ended ->
                    (ended.completed() ? ExitCode.DONE : ExitCode.FEDERATION_FAILED).code();
                case SiteAgent.Ending.Stopped stopped -> ExitCode.DONE.code();
                case SiteAgent.Ending.LogRefused refused -> throw logRefused(read, refused.reason());
                case SiteAgent.Ending.Refused refused ->
                    throw new StartFailure(
                            ExitCode.REFUSED,
                            "the coordinator at " + read.coordinator() + " refuses site " + read.site() + ": "
                                    + refused.reason());
                case SiteAgent.Ending.Untrusted untrusted ->
                    throw new StartFailure(
                            ExitCode.UNTRUSTED,
                            "the server at " + read.coordinator() + " is not the coordinator that this site trusts: "
                                    + untrusted.reason());
            };
        }
    }

    @Command(
            name = "explain",
            description = "Says in plain words what leaves this site and what does not; starts nothing.",
            mixinStandardHelpOptions = true)
    static final class Explain implements Callable<Integer> {
        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Override
        public Integer call() throws Exception {
            Explanation.of(configuration.read()).forEach(System.out::println);
            return ExitCode.DONE.code();
        }
    }

    @Command(
            name = "budget",
            description = {
                "Says what this site's records have told already, what is left, and for how long; starts nothing.",
                "The numbers are the site's own: no coordinator can change them."
            },
            mixinStandardHelpOptions = true)
    static final class BudgetCommand implements Callable<Integer> {
        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Option(names = "--json", description = "One object on standard output and nothing else there.")
        private boolean json;

        @Override
        public Integer call() throws Exception {
            AgentConfiguration read = configuration.read();
            BudgetStatement statement = BudgetStatement.of(read);
            System.out.println(json ? statement.json() : String.join("\n", statement.lines()));
            return ExitCode.DONE.code();
        }
    }

    @Command(
            name = "check-data",
            description = "Reads the records as training would and says what it found, in numbers; starts nothing.",
            mixinStandardHelpOptions = true)
    static final class CheckData implements Callable<Integer> {
        @ParentCommand
        private @Nullable AgentMain program;

        @Mixin
        private ConfigurationOption configuration = new ConfigurationOption();

        @Override
        public Integer call() throws Exception {
            AgentConfiguration read = configuration.read();
            DataReport.of(Objects.requireNonNull(program).read(read), read.purpose())
                    .forEach(System.out::println);
            return ExitCode.DONE.code();
        }
    }

    @Command(
            name = "example-config",
            description =
                    "Prints a configuration in which every key is explained; change it and save it as agent.yaml.",
            mixinStandardHelpOptions = true)
    static final class ExampleConfig implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            try (InputStream example = AgentMain.class.getResourceAsStream("agent-example.yaml")) {
                if (example == null) {
                    throw new IllegalStateException("agent-example.yaml is missing from the program");
                }
                System.out.print(new String(example.readAllBytes(), StandardCharsets.UTF_8));
            }
            return ExitCode.DONE.code();
        }
    }
}
