package dev.parley.server.database;

import dev.parley.server.registry.DurableFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of our own, with its files below one folder: {@code cluster/}, {@code password}, {@code server.log}.
 *
 * <p><b>Guarantees</b>: what was committed survives the death of this process, of the server and of the computer ({@code fsync},
 * {@code synchronous_commit} and {@code full_page_writes} are on, pages carry checksums). Only who can read the password file,
 * this process's user, can connect; the server listens on loopback and on no socket file. A server that a killed process left
 * running is used again, or stopped if it does not answer; there are never two on one cluster. <b>Does not</b> keep two processes
 * from opening one folder: the caller does.
 */
final class EmbeddedPostgres implements AutoCloseable {
    static final String USER = "parley";

    /** The database that every new cluster has. */
    static final String DATABASE = "postgres";

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
    private static final int START_ATTEMPTS = 5;
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);

    /**
     * Durable first; the rest makes it small: one coordinator needs few connections and little memory. Statements are not logged,
     * for they carry values.
     */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("full_page_writes", "on"),
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", "''"),
            Map.entry("max_connections", "40"),
            Map.entry("shared_buffers", "32MB"),
            Map.entry("min_wal_size", "32MB"),
            Map.entry("max_wal_size", "256MB"),
            Map.entry("jit", "off"),
            Map.entry("max_wal_senders", "0"),
            Map.entry("wal_level", "minimal"),
            Map.entry("log_checkpoints", "off"),
            Map.entry("log_min_error_statement", "panic"),
            Map.entry("log_parameter_max_length_on_error", "0"));

    private final PostgresProgram program;
    private final Path cluster;
    private final Path log;
    private final String password;
    private final int port;

    private EmbeddedPostgres(PostgresProgram program, Path cluster, Path log, String password, int port) {
        this.program = program;
        this.cluster = cluster;
        this.log = log;
        this.password = password;
        this.port = port;
    }

    /** Creates the cluster if there is none, and has its server run. */
    static EmbeddedPostgres start(Path programs, Path folder) throws DatabaseException {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path absolute = folder.toRealPath();
            PostgresProgram program = PostgresProgram.unpackedIn(programs);
            Path cluster = absolute.resolve("cluster");
            Path log = absolute.resolve("server.log");
            Path passwordFile = absolute.resolve("password");
            if (!Files.isDirectory(cluster)) {
                create(program, cluster, passwordFile, log);
            }
            String version = Files.readString(cluster.resolve("PG_VERSION")).strip();
            if (!version.equals(PostgresProgram.MAJOR_VERSION)) {
                throw new DatabaseException(cluster + " was written by PostgreSQL " + version + ", this program has "
                        + PostgresProgram.MAJOR_VERSION
                        + ": run that version on it and give its address as database.url");
            }
            String password = Files.readString(passwordFile).strip();
            return new EmbeddedPostgres(program, cluster, log, password, run(program, cluster, log, password));
        } catch (IOException e) {
            throw new DatabaseException(
                    "the database in " + folder + " cannot be used: "
                            + e.getClass().getSimpleName() + ": " + e.getMessage(),
                    e);
        }
    }

    String url() {
        return url(port);
    }

    String password() {
        return password;
    }

    /** Stops the server in order. */
    @Override
    public void close() throws DatabaseException {
        stop(program, cluster, log, "fast");
    }

    private static String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE;
    }

    /** A cluster is there whole or not at all: it gets its name when everything in it is on disk. */
    private static void create(PostgresProgram program, Path cluster, Path passwordFile, Path log)
            throws IOException, DatabaseException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        DurableFiles.writePrivate(
                passwordFile, (HexFormat.of().formatHex(random) + "\n").getBytes(StandardCharsets.US_ASCII));
        Path unfinished = cluster.resolveSibling("cluster.new");
        PostgresProgram.deleteTree(unfinished);
        int code = call(
                log,
                START_LIMIT,
                program.initdb().toString(),
                "--pgdata=" + unfinished,
                "--username=" + USER,
                "--auth=scram-sha-256",
                "--pwfile=" + passwordFile,
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums",
                "--wal-segsize=4",
                "--sync-method=syncfs",
                "--no-instructions");
        if (code != 0) {
            throw new DatabaseException("PostgreSQL could not create its files in " + unfinished
                    + " (initdb ended with " + code + "); its reason is in " + log);
        }
        DurableFiles.rename(unfinished, cluster);
    }

    /** @return the port on which the cluster's server listens */
    private static int run(PostgresProgram program, Path cluster, Path log, String password)
            throws IOException, DatabaseException {
        Optional<PostmasterFile> left = PostmasterFile.of(cluster);
        if (left.isPresent() && left.get().runs()) {
            int port = left.get().port();
            if (Connections.answers(url(port), USER, password)) {
                LOG.atInfo()
                        .addKeyValue("port", port)
                        .log("the database server that an earlier process left is used again");
                return port;
            }
            LOG.atWarn().log("the database server that an earlier process left does not answer; it is started anew");
            stop(program, cluster, log, "immediate");
        } else if (left.isPresent()) {
            left.get().forgetProcess();
        }
        for (int attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
            rotate(log);
            // Free a moment ago: another program may take it in between, then the next attempt picks another.
            int port = freePort();
            List<String> command = new ArrayList<>(List.of(program.control().toString(), "start", "--wait"));
            command.addAll(List.of("--pgdata=" + cluster, "--log=" + log, "--options=" + options(port)));
            command.add("--timeout=" + START_LIMIT.toSeconds());
            if (call(log, START_LIMIT, command.toArray(String[]::new)) == 0) {
                return port;
            }
        }
        throw new DatabaseException(
                "PostgreSQL did not start in " + START_ATTEMPTS + " attempts; its reason is in " + log);
    }

    private static String options(int port) {
        StringBuilder options = new StringBuilder("-p ").append(port);
        SETTINGS.forEach(
                (name, value) -> options.append(" -c ").append(name).append('=').append(value));
        return options.toString();
    }

    private static void stop(PostgresProgram program, Path cluster, Path log, String mode) throws DatabaseException {
        int code = call(
                log,
                STOP_LIMIT,
                program.control().toString(),
                "stop",
                "--wait",
                "--pgdata=" + cluster,
                "--mode=" + mode,
                "--timeout=" + STOP_LIMIT.toSeconds());
        if (code != 0) {
            throw new DatabaseException("PostgreSQL in " + cluster + " did not stop; its reason is in " + log);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** One earlier log is kept. */
    private static void rotate(Path log) throws IOException {
        if (Files.exists(log)) {
            Files.move(log, log.resolveSibling("server.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Runs one of PostgreSQL's programs; its output goes to the log. */
    private static int call(Path log, Duration limit, String... command) throws DatabaseException {
        List<String> line = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            // PostgreSQL refuses to be root. In a user namespace of its own the same user, with the same files, is not.
            line.addAll(List.of("unshare", "--user"));
        }
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis() + 5_000, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new DatabaseException(command[0] + " did not end within " + limit.toSeconds() + " s; see " + log);
            }
            return process.exitValue();
        } catch (IOException e) {
            throw new DatabaseException(
                    "PostgreSQL cannot be run (" + e.getMessage() + "): as root it needs 'unshare' (apt-get install"
                            + " util-linux); or run as another user, or give another server as database.url",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseException("interrupted while PostgreSQL was started or stopped", e);
        }
    }
}
