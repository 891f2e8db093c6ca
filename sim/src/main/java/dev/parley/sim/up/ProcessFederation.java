package dev.parley.sim.up;

import dev.parley.rounds.SiteName;
import dev.parley.server.identity.EnrolmentTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One coordinator and one agent for each site as processes of this computer. They are started in the order in which people
 * would: coordinator, tokens, enrolment over the wire, agents. Nothing is restarted.
 *
 * <p><b>Guarantees</b>: {@link #close} returns when every process that was started here has ended, after SIGTERM and, if
 * that did not help, SIGKILL; if this process dies, the others end by themselves.
 */
final class ProcessFederation implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    /** The coordinator says farewell to its sites and stops its database; killed before, it would leave that behind. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);
    /** How long agents have to hear of the end once the coordinator has ended. */
    private static final Duration FAREWELL_LIMIT = Duration.ofSeconds(15);

    private static final Duration PACE = Duration.ofMillis(100);
    private static final Duration TOKEN_VALIDITY = Duration.ofMinutes(10);
    private static final int LOG_TAIL_LINES = 1;

    private final RunFolder folder;
    private final Preparation preparation;
    private final JavaProgram java;
    private final JavaProgram coordinatorJava;
    private final List<ChildProcess> started = new ArrayList<>();
    private final SortedMap<SiteName, ChildProcess> agents = new TreeMap<>();
    private Optional<ChildProcess> coordinator = Optional.empty();
    private Optional<String> console = Optional.empty();
    private boolean closing;

    ProcessFederation(RunFolder folder, Preparation preparation, JavaProgram java) {
        this(folder, preparation, java, java);
    }

    /** @param coordinatorJava how the coordinator is started, if not like the agents */
    ProcessFederation(RunFolder folder, Preparation preparation, JavaProgram java, JavaProgram coordinatorJava) {
        this.folder = folder;
        this.preparation = preparation;
        this.java = java;
        this.coordinatorJava = coordinatorJava;
    }

    /** Starts everything; on failure what has been started stays to be closed. */
    void start() throws UpException, InterruptedException {
        try {
            folder.writeCoordinator(preparation);
            CoordinatorReady ready = awaitReady(launchCoordinator(coordinatorJava));
            console = ready.console();
            folder.keepPort(ready.port());
            folder.writeAgents(preparation, ready.port());
            enrol(ready);
            for (SiteName site : preparation.manifests().keySet()) {
                agents.put(site, launchAgent(site));
            }
        } catch (IOException e) {
            throw new UpException("the run folder " + folder.root() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private ChildProcess launchCoordinator(JavaProgram program) throws UpException, IOException {
        ChildProcess process = launch(
                program,
                "coordinator",
                "coordinator",
                List.of(
                        "run",
                        "--exit-when-done",
                        "--config",
                        folder.coordinatorConfiguration().toString()),
                folder.coordinatorLog());
        coordinator = Optional.of(process);
        return process;
    }

    /**
     * Starts the coordinator again, which has ended, with the configuration and the data folder that it had, and at the same
     * port. Returns at once.
     */
    void restartCoordinator(JavaProgram program) throws UpException {
        try {
            ChildProcess unused = launchCoordinator(program);
        } catch (IOException e) {
            throw new UpException("the coordinator cannot be started again: " + e.getMessage(), e);
        }
    }

    private ChildProcess launchAgent(SiteName site) throws UpException, IOException {
        return launch(
                java,
                site.value(),
                "agent",
                List.of(
                        "run",
                        "--exit-when-done",
                        "--config",
                        folder.agentConfiguration(site).toString()),
                folder.agentLog(site));
    }

    /** What a person types to start a site's agent again. */
    String restartCommand(SiteName site) {
        return "./parley agent run --exit-when-done --config " + folder.agentConfiguration(site);
    }

    private synchronized ChildProcess launch(
            JavaProgram machine, String name, String program, List<String> arguments, Path log)
            throws UpException, IOException {
        if (closing) {
            throw new UpException("stopped while starting");
        }
        ChildProcess child = ChildProcess.start(name, machine, program, arguments, log);
        started.add(child);
        return child;
    }

    private CoordinatorReady awaitReady(ChildProcess process) throws UpException, IOException, InterruptedException {
        long triesLeft = START_LIMIT.dividedBy(PACE);
        while (triesLeft-- > 0) {
            Optional<CoordinatorReady> ready = CoordinatorReady.read(folder.ready());
            if (ready.isPresent()) {
                return ready.get();
            }
            if (process.await(PACE)) {
                throw failed(process);
            }
        }
        throw new UpException(
                "the coordinator did not listen within " + START_LIMIT.toSeconds() + " s; see " + process.log());
    }

    private void enrol(CoordinatorReady ready) throws UpException, IOException, InterruptedException {
        EnrolmentTokens tokens =
                new EnrolmentTokens(folder.coordinatorData().resolve("tokens"), InstantSource.system());
        List<ChildProcess> enrolments = new ArrayList<>();
        for (SiteName site : preparation.manifests().keySet()) {
            writeSecret(folder.token(site), tokens.create(site, TOKEN_VALIDITY, ready.authority()));
            enrolments.add(launch(
                    java,
                    "enrolment of " + site,
                    "agent",
                    List.of(
                            "enrol",
                            "--config",
                            folder.agentConfiguration(site).toString(),
                            "--token-file",
                            folder.token(site).toString()),
                    folder.agentLog(site)));
        }
        for (ChildProcess enrolment : enrolments) {
            if (!enrolment.await(START_LIMIT) || enrolment.exitCode().orElse(1) != 0) {
                throw failed(enrolment);
            }
        }
        for (SiteName site : preparation.manifests().keySet()) {
            Files.delete(folder.token(site)); // spent
        }
    }

    private static void writeSecret(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text + "\n");
    }

    private static UpException failed(ChildProcess process) throws IOException {
        List<String> lines =
                Files.exists(process.log()) ? Files.readAllLines(process.log(), StandardCharsets.UTF_8) : List.of();
        String last = String.join(" ", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
        return new UpException("the " + process.name() + " process did not succeed: " + last + " (all of it is in "
                + process.log() + ")");
    }

    /** Where the federation stands; empty before its first status. */
    Optional<LiveStatus> status() throws IOException {
        return LiveStatus.read(folder.status());
    }

    /** Where people watch it; empty before {@link #start}, or without a console. */
    Optional<String> console() {
        return console;
    }

    /** The agents' processes, ascending by site. */
    Map<SiteName, ChildProcess> agents() {
        return new TreeMap<>(agents);
    }

    /** Whether the coordinator ended within {@code limit}. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return coordinator.isEmpty() || coordinator.get().await(limit);
    }

    /** After the coordinator's end: gives the agents time to take the news. */
    void awaitFarewell() throws InterruptedException {
        for (ChildProcess agent : agents.values()) {
            if (!agent.await(FAREWELL_LIMIT)) {
                return; // close() ends it
            }
        }
    }

    /** The coordinator's exit code; empty while it runs. */
    OptionalInt coordinatorExit() {
        return coordinator.map(ChildProcess::exitCode).orElse(OptionalInt.empty());
    }

    /** Every process that was started here. */
    synchronized List<ChildProcess> processes() {
        return List.copyOf(started);
    }

    @Override
    public void close() {
        List<ChildProcess> all;
        synchronized (this) {
            closing = true;
            all = List.copyOf(started);
        }
        all.forEach(ChildProcess::askToStop);
        try {
            for (ChildProcess process : all) {
                if (!process.await(STOP_LIMIT)) {
                    process.kill();
                }
            }
            for (ChildProcess process : all) {
                boolean unused = process.await(KILL_LIMIT);
            }
        } catch (InterruptedException e) {
            all.forEach(ChildProcess::kill);
            Thread.currentThread().interrupt();
        }
    }
}
