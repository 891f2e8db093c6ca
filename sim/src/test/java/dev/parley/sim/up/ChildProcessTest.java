package dev.parley.sim.up;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.EvaluationRule;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.UpdateRule;
import dev.parley.server.configuration.CoordinatorConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real child process, here the coordinator, and how it ends. */
class ChildProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int STOPPED_BY_SIGTERM = 143;

    @TempDir
    Path root;

    private RunFolder folder;
    private FederationSpec written;

    @BeforeEach
    void write() throws Exception {
        folder = new RunFolder(root);
        byte[] learning = {'{', '}'};
        ParameterLayout layout = ParameterLayout.of(List.of(Block.of("body.weight", 2)));
        FederationSpec spec = new FederationSpec(
                new FederationName("trial"),
                3,
                true,
                new CohortRule(4, 3, 5, 2),
                new RoundTimes(
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(1500),
                        Duration.ofMillis(700),
                        Duration.ofDays(1)),
                new UpdateRule(
                        new ClipNorm(0.1),
                        new ClipNorm(1234.5),
                        77,
                        1e-4,
                        new UpdateNoise.None(),
                        new MaskingRule(new RingModulus(19), 1)),
                new ServerOptimizer.FedAdam(0.02, 0.8, 0.95, 1e-5),
                new EvaluationRule(2, 3),
                Long.MIN_VALUE + 11,
                ContentHash.of(learning),
                ContentHash.of(new byte[0]),
                4);
        written = spec;
        folder.writeCoordinator(new Preparation(
                spec,
                Safetensors.write(ParameterVector.zeros(layout), Map.of()),
                learning,
                "research",
                new TreeMap<>(Map.of(new SiteName("north"), root.resolve("records/dataset.yaml")))));
    }

    @Test
    void theCoordinatorReadsEverySettingThatWasWritten() throws Exception {
        FederationSpec read = CoordinatorConfiguration.read(folder.coordinatorConfiguration())
                .federation()
                .specification(written.learningHash(), written.policyHash());

        assertEquals(written, read);
    }

    private List<String> arguments() {
        return List.of("run", "--config", folder.coordinatorConfiguration().toString());
    }

    private void awaitReady(Process process) {
        await().atMost(PATIENCE).until(() -> Files.exists(folder.ready()) || !process.isAlive());
        assertTrue(process.isAlive(), () -> log());
    }

    private String log() {
        try {
            return Files.readString(folder.coordinatorLog());
        } catch (java.io.IOException e) {
            return "no log";
        }
    }

    @Test
    void endsWhenItsParentDoes() throws Exception {
        Process process = JavaProgram.likeThis(SyntheticProgram.class)
                .builder(
                        List.of(
                                "coordinator",
                                "run",
                                "--config",
                                folder.coordinatorConfiguration().toString()),
                        folder.coordinatorLog())
                .start();
        try {
            awaitReady(process);

            // What the operating system does when a parent dies, however it dies.
            process.getOutputStream().close();

            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "still runs");
            assertEquals(STOPPED_BY_SIGTERM, process.exitValue(), this::log);
            assertTrue(Files.notExists(folder.ready()), "it ended in order");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void endsInOrderWhenAsked() throws Exception {
        ChildProcess child = ChildProcess.start(
                "coordinator",
                JavaProgram.likeThis(SyntheticProgram.class),
                "coordinator",
                arguments(),
                folder.coordinatorLog());
        try {
            await().atMost(PATIENCE).until(() -> Files.exists(folder.ready()) || !child.isAlive());
            assertTrue(CoordinatorReady.read(folder.ready()).orElseThrow().port() > 0);
            LiveStatus status = await().atMost(PATIENCE)
                    .until(() -> LiveStatus.read(folder.status()), java.util.Optional::isPresent)
                    .orElseThrow();
            assertEquals(4, status.rounds(), "the statistics round counts");

            child.askToStop();

            assertTrue(child.await(PATIENCE), "still runs");
            assertEquals(STOPPED_BY_SIGTERM, child.exitCode().orElseThrow(), this::log);
        } finally {
            child.kill();
        }
    }
}
