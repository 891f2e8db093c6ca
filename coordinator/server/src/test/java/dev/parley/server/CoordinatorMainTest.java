package dev.parley.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.server.configuration.CoordinatorConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoordinatorMainTest {
    private static final String FEDERATION = """
            name: hospital
            seed: 42
            rounds: 2
            """;

    @TempDir
    Path folder;

    private ConfigurationText text;

    @BeforeEach
    void write() throws Exception {
        text = ConfigurationText.in(folder);
    }

    private record Result(int exitCode, String out, String err) {
        void assertFails(ExitCode expected, String words) {
            assertEquals(expected.code(), exitCode, err);
            assertTrue(err.contains(words), err);
            assertEquals(1, err.lines().count(), err);
            assertFalse(err.contains("Exception"), err);
        }
    }

    private static Result execute(String... arguments) {
        PrintStream realOut = System.out;
        PrintStream realErr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            int exitCode = CoordinatorMain.execute(arguments);
            return new Result(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(realOut);
            System.setErr(realErr);
        }
    }

    private Result executeWithConfiguration(String... arguments) throws Exception {
        String file = text.file(FEDERATION).toString();
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = file;
        return execute(all);
    }

    @Test
    void checksAConfigurationWithoutStartingAnything() throws Exception {
        Result result = executeWithConfiguration("check-config");

        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().contains("federation hospital"), result.out());
        assertTrue(result.out().contains("311 parameters"), result.out());
        assertFalse(Files.exists(folder.resolve("data")));
    }

    @Test
    void createsATokenAndNothingElseOnStandardOutput() throws Exception {
        Result result = executeWithConfiguration("token", "create", "north");

        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().matches("parley1\\.[A-Za-z0-9_-]{43}\\.[0-9a-f]{64}\\R"), result.out());
        executeWithConfiguration("token", "create", "North!").assertFails(ExitCode.INPUT, "a site's name is");
    }

    @Test
    void printsAnExampleWhoseEveryKeyIsUnderstood() throws Exception {
        String example = execute("example-config").out();
        Path file = Files.writeString(folder.resolve("example.yaml"), example);
        CoordinatorConfiguration read = CoordinatorConfiguration.read(file);

        // What is commented out shows the default: taken in, nothing may change. The last optimizer, the console and
        // the database
        // are alternatives.
        String all = example.replaceAll("(?m)^#( *[a-z-]+:)", "$1")
                .replaceAll("(?m)^ (token-validity|certificates|limits):", "$1:")
                .replaceAll("(?m)^#(   [a-z-]+:)", "$1")
                .replaceAll(
                        "(?m)^ *(policies|governance|database|console|server-optimizer: .kind: fedadam|sites: .ward).*$",
                        "");
        Files.writeString(file, all);
        assertEquals(read, CoordinatorConfiguration.read(file), all);
    }

    @Test
    void saysWhatIsWrongWithTheCommandLine() throws Exception {
        execute("run").assertFails(ExitCode.INPUT, "--config");
        execute("rum").assertFails(ExitCode.INPUT, "rum");
        executeWithConfiguration("token").assertFails(ExitCode.INPUT, "");
        executeWithConfiguration("site", "revoke", "north").assertFails(ExitCode.INPUT, "holds no certificate");
        execute("run", "--config", folder.resolve("none.yaml").toString()).assertFails(ExitCode.INPUT, "no such file");
        assertEquals(0, execute("--help").exitCode());
        assertEquals(0, execute().exitCode());
    }

    @Test
    void saysWhatIsWrongWithTheConfiguration() throws Exception {
        text.file("nmae: hospital\nseed: 1\nrounds: 2\n");
        execute("run", "--config", folder.resolve("coordinator.yaml").toString())
                .assertFails(ExitCode.INPUT, "coordinator.yaml:9: federation.name: is missing");
        text.file("name: hospital\nseed: 1\nrounds: 0\n");
        execute("run", "--config", folder.resolve("coordinator.yaml").toString())
                .assertFails(ExitCode.INPUT, "coordinator.yaml:11: federation.rounds = 0");
        text.file("name: hospital\nseed: 1\nrounds: 2\nruonds: 2\n");
        execute("run", "--config", folder.resolve("coordinator.yaml").toString())
                .assertFails(ExitCode.INPUT, "did you mean 'rounds'?");
        Files.write(folder.resolve("coordinator.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        execute("run", "--config", folder.resolve("coordinator.yaml").toString())
                .assertFails(ExitCode.INPUT, "not a text file");
    }

    @Test
    void saysWhatIsWrongWithTheInitialModel() throws Exception {
        Path model = folder.resolve("initial.safetensors");
        byte[] good = Files.readAllBytes(model);
        Files.write(model, java.util.Arrays.copyOf(good, good.length - 1));
        executeWithConfiguration("run").assertFails(ExitCode.INPUT, "not a valid safetensors file");
        byte[] poisoned = good.clone();
        poisoned[good.length - 1] = 0x7f;
        poisoned[good.length - 2] = (byte) 0x80;
        Files.write(model, poisoned);
        executeWithConfiguration("run").assertFails(ExitCode.INPUT, "NaN or an infinity");
        Files.delete(model);
        executeWithConfiguration("run").assertFails(ExitCode.INPUT, "does not exist");
        Files.write(model, good);
        Files.delete(folder.resolve("learning.json"));
        executeWithConfiguration("run").assertFails(ExitCode.INPUT, "learning document");
    }

    @Test
    void saysThatThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Path file = text.file(FEDERATION);
            Files.writeString(file, Files.readString(file).replace("port: 0", "port: " + taken.getLocalPort()));

            execute("run", "--config", file.toString()).assertFails(ExitCode.LISTEN, "the port is taken");
        }
        // Nothing was left open: the same data folder can be used at once.
        Coordinator.start(
                        CoordinatorConfiguration.read(text.file(FEDERATION)), Optional.empty(), InstantSource.system())
                .close();
    }

    @Test
    void keepsASecondCoordinatorOutOfTheDataFolder() throws Exception {
        try (Coordinator first = Coordinator.start(
                CoordinatorConfiguration.read(text.file(FEDERATION)), Optional.empty(), InstantSource.system())) {
            assertTrue(Files.exists(folder.resolve("data/ready.json")));
            executeWithConfiguration("run").assertFails(ExitCode.DATA_FOLDER, "in use by another coordinator");
            assertFalse(first.address().endsWith(":0"));
        }
        assertFalse(Files.exists(folder.resolve("data/ready.json")));
    }
}
