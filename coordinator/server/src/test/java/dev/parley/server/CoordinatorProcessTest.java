package dev.parley.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The coordinator as a real process. */
class CoordinatorProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Process start(String federation, Path out, Path err) throws Exception {
        Path configuration = ConfigurationText.in(folder).file(federation);
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CoordinatorMain.class.getName(),
                        "run",
                        "--exit-when-done",
                        "--config",
                        configuration.toString()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
    }

    @Test
    void stopsInOrderOnSigterm() throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = start("name: hospital\nseed: 1\nrounds: 1\n", out, err);
        try {
            Path ready = folder.resolve("data/ready.json");
            await().atMost(PATIENCE).until(() -> Files.exists(ready) || !process.isAlive());
            assertTrue(process.isAlive(), Files.readString(err));
            await().atMost(PATIENCE).until(() -> !Files.readString(out).isEmpty());

            process.destroy();

            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "still runs");
            assertEquals(128 + 15, process.exitValue(), Files.readString(err));
            assertFalse(Files.exists(ready));
            assertTrue(Files.exists(folder.resolve("data/status.json")));
            assertTrue(Files.readString(out).startsWith("listening on 127.0.0.1:"), Files.readString(out));
            assertFalse(Files.readString(err).contains("Exception"), Files.readString(err));
            assertEquals(1, Files.readString(out).lines().count(), Files.readString(out));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void saysByItsExitCodeThatTheFederationFailed() throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = start("name: hospital\nseed: 1\nrounds: 1\ntimes: {gathering: 100 ms}\n", out, err);
        try {
            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "still runs");

            assertEquals(ExitCode.FEDERATION_FAILED.code(), process.exitValue(), Files.readString(err));
            assertTrue(Files.readString(out).contains("failed: round 0 needs 3 sites"), Files.readString(out));
            assertFalse(Files.readString(err).contains("Exception"), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }
}
