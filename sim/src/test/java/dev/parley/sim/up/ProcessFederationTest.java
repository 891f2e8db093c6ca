package dev.parley.sim.up;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.agent.participation.SiteParticipant;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.SiteName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One coordinator and three agents as real processes, over TLS on loopback. */
@Timeout(180)
class ProcessFederationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path root;

    private static byte[] reference(FederationSpec spec, List<Set<String>> absent) {
        SortedMap<String, SiteParticipant> sites = new TreeMap<>();
        SyntheticSite.TRAINING.forEach((site, records) -> sites.put(site, SyntheticSite.participant(site, records)));
        return new ReferenceFederation(spec, sites).run(SyntheticSite.INITIAL, absent);
    }

    private String logs() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path log :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                text.append(log).append('\n').append(Files.readString(log)).append('\n');
            }
        }
        return text.toString();
    }

    @Test
    void givesTheModelOfTheSimulationBitForBitAndLeavesNoProcess() throws Exception {
        FederationSpec spec = SyntheticSite.spec(2, CohortRule.everyOneOf(3));
        ByteArrayOutputStream shown = new ByteArrayOutputStream();

        UpRun.Completed completed;
        try {
            completed = new UpRun(
                            new RunFolder(root.resolve("run")),
                            SyntheticSite.preparation(root, spec),
                            JavaProgram.likeThis(SyntheticProgram.class),
                            new Screen(new PrintStream(shown, true, StandardCharsets.UTF_8), false))
                    .run();
        } catch (UpException e) {
            throw new AssertionError(logs(), e);
        }

        assertArrayEquals(
                reference(spec, List.of(Set.of(), Set.of(), Set.of())),
                completed.model(),
                () -> "seed " + SyntheticSite.SEED);
        assertEquals(3, completed.status().history().size());
        for (LiveStatus.Round round : completed.status().history()) {
            assertEquals(3, round.contributions(), round.toString());
        }
        assertTrue(completed.status().history().getLast().pooled().orElseThrow().n() > 50);
        String lines = shown.toString(StandardCharsets.UTF_8);
        assertTrue(lines.contains("round 3 (train): released, 3 sites"), lines);
        String logs = logs();
        assertFalse(logs.contains("-subject-"), "a pseudonym is in a log");
        assertFalse(logs.contains("Exception"), logs);
        assertTrue(ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive), "a process was left behind");
        assertTrue(Files.notExists(root.resolve("run/sites/north/token")), "a spent token was left behind");
    }

    @Test
    void losesAnAgentInARoundAndTakesItBack() throws Exception {
        // Two updates are enough to release, but no round is planned while one site is away.
        FederationSpec spec = SyntheticSite.spec(3, new CohortRule(3, 3, 3, 2));
        RunFolder folder = new RunFolder(root.resolve("run"));
        JavaProgram java = JavaProgram.likeThis(SyntheticProgram.class);
        SiteName west = new SiteName("west");
        try (ProcessFederation federation =
                new ProcessFederation(folder, SyntheticSite.preparation(root, spec), java)) {
            federation.start();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> isTraining(federation, west, 1));
            int struck = federation.status().orElseThrow().round();
            federation.agents().get(west).kill();

            await().atMost(PATIENCE)
                    .until(() -> federation.status().orElseThrow().history().size() > struck);
            // As a person would: the command that was printed, with the program of this test.
            ChildProcess again = ChildProcess.start(
                    "west",
                    java,
                    "agent",
                    List.of(
                            "run",
                            "--exit-when-done",
                            "--config",
                            folder.agentConfiguration(west).toString()),
                    folder.agentLog(west));
            try {
                assertTrue(federation.awaitEnd(PATIENCE), this::logsOrNone);
                assertEquals(0, federation.coordinatorExit().orElseThrow(), this::logsOrNone);
                assertTrue(again.await(PATIENCE), this::logsOrNone);
                assertEquals(0, again.exitCode().orElseThrow(), this::logsOrNone);
            } finally {
                again.kill();
            }
            LiveStatus status = federation.status().orElseThrow();
            List<Set<String>> absent = new ArrayList<>();
            for (int round = 0; round < spec.totalRounds(); round++) {
                absent.add(round == struck ? Set.of("west") : Set.of());
                assertEquals("released", status.history().get(round).outcome());
                assertEquals(
                        round == struck ? 2 : 3, status.history().get(round).contributions(), "round " + round);
            }
            byte[] model = new dev.parley.server.registry.BlobFolder(folder.blobs())
                    .read(new ContentHash(status.model()))
                    .orElseThrow();
            assertArrayEquals(
                    reference(spec, absent), model, () -> "absent " + absent + ", seed " + SyntheticSite.SEED);
        }
        assertTrue(ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive), "a process was left behind");
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "KILL"})
    void leavesNoProcessWhenItIsStoppedInTheMiddle(String signal) throws Exception {
        Path log = root.resolve("up.log");
        Process up = JavaProgram.likeThis(SyntheticProgram.class)
                .builder(List.of("up", root.toString()), log)
                .start();
        List<ProcessHandle> children = List.of();
        try {
            Path status = new RunFolder(root.resolve("run")).status();
            await().atMost(PATIENCE)
                    .until(() ->
                            LiveStatus.read(status).filter(s -> s.round() >= 1).isPresent() || !up.isAlive());
            assertTrue(up.isAlive(), () -> logsOrNone());
            children = up.descendants().toList();
            // At least: what an agent's engine starts for a moment while it loads has to be gone in the end too.
            List<String> running = children.stream()
                    .map(child -> child.pid() + " " + child.info().command().orElse("(ended)"))
                    .toList();
            assertTrue(
                    running.size() >= 4, () -> "a coordinator and three agents, got " + running + ": " + logsOrNone());

            int sent = new ProcessBuilder("kill", "-" + signal, Long.toString(up.pid()))
                    .start()
                    .waitFor();

            assertEquals(0, sent);
            assertTrue(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "up still runs");
            List<ProcessHandle> all = children;
            await().atMost(PATIENCE).until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
            assertFalse(logs().contains("broke"), logs());
        } finally {
            up.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static boolean isTraining(ProcessFederation federation, SiteName site, int leastRound) throws IOException {
        return federation
                .status()
                .filter(status -> status.round() >= leastRound)
                .filter(status -> status.sites().stream()
                        .anyMatch(known -> known.name().equals(site.value())
                                && known.state().equals("training")
                                && known.step() > 0))
                .isPresent();
    }

    private String logsOrNone() {
        try {
            return logs();
        } catch (IOException e) {
            return "no logs";
        }
    }
}
