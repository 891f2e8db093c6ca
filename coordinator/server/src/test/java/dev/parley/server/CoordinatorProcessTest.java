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

    @Test
    void stopsInOrderOnSigterm() throws Exception {
        Path configuration = ConfigurationText.in(folder).file("name: hospital\nseed: 1\nrounds: 1\n");
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(List.of(
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
        try {
            Path ready = folder.resolve("data/ready.json");
            await().atMost(PATIENCE).until(() -> Files.exists(ready) || !process.isAlive());
            assertTrue(process.isAlive(), Files.readString(err));

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
}
