package dev.parley.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.audit.AuditLog;
import dev.parley.server.audit.LoggedRounds;
import dev.parley.server.cluster.ActorFederation;
import dev.parley.server.configuration.ConsoleConfiguration;
import dev.parley.server.configuration.CoordinatorConfiguration;
import dev.parley.server.console.ConsoleServer;
import dev.parley.server.console.view.Reading;
import dev.parley.server.database.Database;
import dev.parley.server.database.DatabaseException;
import dev.parley.server.gateway.GatewayServer;
import dev.parley.server.gateway.TrafficMeter;
import dev.parley.server.governance.Governance;
import dev.parley.server.governance.GovernedFederation;
import dev.parley.server.governance.PolicyGovernance;
import dev.parley.server.identity.CertificateAuthority;
import dev.parley.server.identity.EnrolmentTokens;
import dev.parley.server.registry.BlobFolder;
import dev.parley.server.registry.CachedBlobs;
import dev.parley.server.registry.CountedUpdates;
import dev.parley.server.registry.DurableFiles;
import dev.parley.server.registry.SubmissionSpool;
import dev.parley.server.status.StatusChronicle;
import dev.parley.server.status.StatusPublisher;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A coordinator that runs: its parts, opened in order and closed in the reverse one. */
final class Coordinator implements AutoCloseable {
    /** Enough for the largest of the usual models several times over. */
    private static final long BLOB_CACHE_BYTES = 256L << 20;
    /** How long sites have to take the last message before their streams are cut. */
    private static final Duration STOP_GRACE = Duration.ofSeconds(3);

    private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);

    private final ActorFederation federation;
    private final GatewayServer gateway;
    private final BlobFolder blobs;
    private final ContentHash fingerprint;
    private final String host;
    private final Optional<ConsoleServer> console;
    private final Deque<AutoCloseable> opened;
    private boolean closed;

    private Coordinator(
            ActorFederation federation,
            GatewayServer gateway,
            BlobFolder blobs,
            ContentHash fingerprint,
            String host,
            Optional<ConsoleServer> console,
            Deque<AutoCloseable> opened) {
        this.federation = federation;
        this.gateway = gateway;
        this.blobs = blobs;
        this.fingerprint = fingerprint;
        this.host = host;
        this.console = console;
        this.opened = opened;
    }

    /**
     * Opens everything and listens.
     *
     * @param lines where each status goes as a line of JSON, if anywhere
     * @throws StartFailure with nothing left open
     */
    static Coordinator start(CoordinatorConfiguration configuration, Optional<PrintStream> lines, InstantSource clock)
            throws StartFailure {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            return open(configuration, FederationMaterial.read(configuration), lines, clock, opened);
        } catch (IOException e) {
            closeAll(opened);
            throw DataFolder.unusable(configuration.data(), e);
        } catch (StartFailure | RuntimeException e) {
            closeAll(opened);
            throw e;
        }
    }

    private static Coordinator open(
            CoordinatorConfiguration configuration,
            FederationMaterial material,
            Optional<PrintStream> lines,
            InstantSource clock,
            Deque<AutoCloseable> opened)
            throws StartFailure, IOException {
        PolicyGovernance governance = governance(configuration, material, clock);
        requireStart(governance);
        DataFolder data = DataFolder.open(configuration.data());
        opened.push(data.lock());
        Database database = database(configuration, data);
        opened.push(database);
        CertificateAuthority authority = data.authority(configuration.certificates(), clock);
        BlobFolder blobFolder = new BlobFolder(data.blobs());
        CachedBlobs blobs = new CachedBlobs(blobFolder, BLOB_CACHE_BYTES);
        SubmissionSpool spool = new SubmissionSpool(data.spool());
        AuditLog audit =
                data.audit("parley/" + configuration.federation().name().value(), clock);
        TrafficMeter traffic = new TrafficMeter();
        StatusPublisher status =
                new StatusPublisher(data.status(), lines, traffic::upBytes, traffic::downBytes, governance::notes);
        opened.push(status);
        StatusChronicle chronicle = new StatusChronicle(clock);
        // Under the name that plans give it: the file's own bytes may carry metadata.
        blobs.put(material.initial().safetensors());
        blobs.put(material.learning());
        ActorFederation federation = federation(
                configuration,
                material,
                new ActorFederation.Surroundings(
                        blobs,
                        spool,
                        new CountedUpdates(data.counted()),
                        database.dataSource(),
                        new LoggedRounds(audit, blobs, CoordinatorMain.SOFTWARE),
                        change -> {
                            chronicle.observe(change);
                            status.publish(change);
                        },
                        Set.copyOf(configuration.federation().sites()),
                        configuration.limits().maxSites(),
                        clock));
        opened.push(federation);
        EnrolmentTokens tokens = data.tokens(clock);
        GatewayServer gateway = listen(
                configuration,
                new GatewayServer.Parts(
                        new GovernedFederation(federation, governance),
                        blobs,
                        spool,
                        authority,
                        tokens,
                        governance,
                        audit,
                        traffic,
                        clock));
        opened.push(() -> gateway.stop(STOP_GRACE));
        Optional<ConsoleServer> console = Optional.empty();
        if (configuration.console().isPresent()) {
            Reading reading = new Reading(
                    chronicle,
                    configuration.federation(),
                    authority.register(),
                    tokens,
                    traffic::upBytes,
                    traffic::downBytes,
                    clock);
            ConsoleServer opening = console(
                    configuration.console().get(),
                    new ConsoleServer.Parts(
                            reading,
                            database.dataSource(),
                            blobs,
                            authority,
                            tokens,
                            configuration.tokenValidity(),
                            clock));
            opened.push(opening);
            console = Optional.of(opening);
        }
        String host = configuration.listen().host();
        Path ready = configuration.listen().readyFile();
        writeReady(ready, configuration, gateway.port(), authority.fingerprint(), console);
        opened.push(() -> Files.deleteIfExists(ready));
        // Closed first: streams that have been ended do not hold up the gateway.
        opened.push(federation::releaseSites);
        LOG.atInfo()
                .addKeyValue("federation", federation.name())
                .addKeyValue("port", gateway.port())
                .addKeyValue("fingerprint", authority.fingerprint())
                .log("the coordinator listens");
        return new Coordinator(federation, gateway, blobFolder, authority.fingerprint(), host, console, opened);
    }

    /** The policies in force, asked about this federation. */
    static PolicyGovernance governance(
            CoordinatorConfiguration configuration, FederationMaterial material, InstantSource clock) {
        return new PolicyGovernance(
                material.policies(),
                material.specification(configuration.federation()),
                configuration.federation().sites(),
                configuration.declared(),
                clock);
    }

    /** @throws StartFailure if the policies do not let the federation begin */
    static void requireStart(Governance governance) throws StartFailure {
        if (governance.startFederation() instanceof Governance.Ruling.Refused refused) {
            throw new StartFailure(
                    ExitCode.POLICY,
                    "the policies in force do not let this federation begin: " + refused.reason()
                            + ". Change what is asked for, or declare what is missing under 'governance'");
        }
    }

    private static ActorFederation federation(
            CoordinatorConfiguration configuration,
            FederationMaterial material,
            ActorFederation.Surroundings surroundings)
            throws StartFailure {
        try {
            return ActorFederation.start(
                    material.specification(configuration.federation()),
                    material.model(),
                    material.initial().hash(),
                    surroundings);
        } catch (ActorFederation.JournalRefusedException e) {
            throw new StartFailure(ExitCode.DATABASE, String.valueOf(e.getMessage()));
        }
    }

    private static Database database(CoordinatorConfiguration configuration, DataFolder data) throws StartFailure {
        try {
            return Database.open(configuration.database(), data.database());
        } catch (DatabaseException e) {
            throw new StartFailure(ExitCode.DATABASE, String.valueOf(e.getMessage()));
        }
    }

    private static ConsoleServer console(ConsoleConfiguration console, ConsoleServer.Parts parts) throws StartFailure {
        try {
            return ConsoleServer.start(console, parts);
        } catch (IOException e) {
            throw new StartFailure(
                    ExitCode.LISTEN,
                    "the console cannot listen on " + console.host() + ":" + console.port()
                            + ": the port is taken or the address is not this computer's; set another console.port (0"
                            + " picks a free one) or console.host");
        } catch (SQLException e) {
            throw new StartFailure(ExitCode.DATABASE, "the console's accounts cannot be read from the database");
        }
    }

    private static GatewayServer listen(CoordinatorConfiguration configuration, GatewayServer.Parts parts)
            throws StartFailure {
        String host = configuration.listen().host();
        InetSocketAddress address =
                new InetSocketAddress(host, configuration.listen().port());
        try {
            return GatewayServer.start(address, configuration.listen().names(), configuration.limits(), parts);
        } catch (IOException e) {
            String cause = address.isUnresolved()
                    ? "the host name is not known here; correct listen.host"
                    : "the port is taken or the address is not this computer's; set another listen.port (0 picks a free "
                            + "one) or listen.host";
            throw new StartFailure(
                    ExitCode.LISTEN, "cannot listen on " + host + ":" + address.getPort() + ": " + cause);
        }
    }

    /** Tells a waiting program that the coordinator listens, and where; needed when the port is picked. */
    private static void writeReady(
            Path file,
            CoordinatorConfiguration configuration,
            int port,
            ContentHash fingerprint,
            Optional<ConsoleServer> console)
            throws IOException {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("host", configuration.listen().host());
        node.put("port", port);
        node.put("authority", fingerprint.hex());
        node.put("federation", configuration.federation().name().value());
        node.put("status", configuration.data().resolve("status.json").toString());
        node.put("pid", ProcessHandle.current().pid());
        console.ifPresent(open -> node.put("console", open.url()));
        console.flatMap(ConsoleServer::setupLink).ifPresent(link -> node.put("console-setup", link));
        // The link makes whoever has it the operator.
        DurableFiles.writePrivate(file, (node + "\n").getBytes(StandardCharsets.UTF_8));
    }

    String address() {
        return host + ":" + gateway.port();
    }

    /** The console; empty if none is configured. */
    Optional<ConsoleServer> console() {
        return console;
    }

    ContentHash fingerprint() {
        return fingerprint;
    }

    /** Waits for the end of the federation. */
    ActorFederation.Ending awaitEnd() throws InterruptedException {
        return federation.awaitEnd();
    }

    /** Where a released model lies. */
    Path modelFile(ContentHash model) {
        return blobs.path(model);
    }

    /** Stops in order: no new calls, sites are told, what is open is written. Safe to call again. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            closeAll(opened);
        }
    }

    private static void closeAll(Deque<AutoCloseable> opened) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.atError().setCause(e).log("a part of the coordinator could not be closed");
            }
        }
    }
}
