package dev.parley.sim.up;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.agent.participation.SiteParticipant;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.RoundTimes;
import dev.parley.server.database.Database;
import dev.parley.server.database.DatabaseSettings;
import dev.parley.server.journal.EventMessages;
import dev.parley.server.journal.JournalEvent;
import dev.parley.server.registry.BlobFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A coordinator that dies in the middle of rounds, again and again, as real processes: the federation ends with the model of an
 * undisturbed one, bit for bit, in as many attempts, and its journal says each thing once.
 */
@Timeout(600)
class KilledCoordinatorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final int KILLED = 137;

    @TempDir
    Path root;

    /** The last coordinator's server outlives it if the test has failed while it was dead. */
    @AfterEach
    void stopServer() throws Exception {
        Path database = new RunFolder(root.resolve("run")).coordinatorData().resolve("database");
        if (Files.isDirectory(database.resolve("cluster"))) {
            Database.open(DatabaseSettings.Embedded.standard(), database).close();
        }
    }

    private static byte[] undisturbed(FederationSpec spec) {
        SortedMap<String, SiteParticipant> sites = new TreeMap<>();
        SyntheticSite.TRAINING.forEach((site, records) -> sites.put(site, SyntheticSite.participant(site, records)));
        List<Set<String>> absent = new ArrayList<>();
        for (int round = 0; round < spec.totalRounds(); round++) {
            absent.add(Set.of());
        }
        return new ReferenceFederation(spec, sites).run(SyntheticSite.INITIAL, absent);
    }

    /** The same with time enough for restarts on a busy computer: what is proved here is not how fast they are. */
    private static FederationSpec patient(FederationSpec spec) {
        Duration time = Duration.ofMinutes(10);
        return new FederationSpec(
                spec.name(),
                spec.trainingRounds(),
                spec.agreeStatistics(),
                spec.cohort(),
                new RoundTimes(time, time, time, time, time),
                spec.update(),
                spec.optimizer(),
                spec.evaluation(),
                spec.seed(),
                spec.learningHash(),
                spec.policyHash(),
                spec.maxAttempts());
    }

    /** @param points where each process dies in turn; the one after the last lives */
    @ParameterizedTest
    @ValueSource(strings = {"after-append:6 after-keep:2 after-store:1", "before-append:9 after-append:7 after-keep:1"})
    void losesNothingAndDoublesNothing(String points) throws Exception {
        FederationSpec spec = patient(SyntheticSite.spec(1, CohortRule.everyOneOf(3)));
        RunFolder folder = new RunFolder(root.resolve("run"));
        JavaProgram java = JavaProgram.likeThis(SyntheticProgram.class);
        List<JavaProgram> programs = Stream.concat(
                        Stream.of(points.split(" ")).map(point -> java.with("-Dparley.halt-at=" + point)),
                        Stream.of(java))
                .toList();
        try (ProcessFederation federation =
                new ProcessFederation(folder, SyntheticSite.preparation(root, spec), java, programs.getFirst())) {
            federation.start();
            for (JavaProgram next : programs.subList(1, programs.size())) {
                assertTrue(federation.awaitEnd(PATIENCE), () -> "still runs: " + logs());
                assertEquals(KILLED, federation.coordinatorExit().orElseThrow(), this::logs);
                federation.restartCoordinator(next);
            }
            assertTrue(federation.awaitEnd(PATIENCE), () -> "still runs: " + logs());
            assertEquals(0, federation.coordinatorExit().orElseThrow(), this::logs);

            LiveStatus status = federation.status().orElseThrow();
            assertEquals(spec.totalRounds(), status.history().size(), this::logs);
            for (LiveStatus.Round round : status.history()) {
                assertEquals("released", round.outcome(), this::logs);
                assertEquals(3, round.contributions(), this::logs);
            }
            byte[] model = new BlobFolder(folder.blobs())
                    .read(new ContentHash(status.model()))
                    .orElseThrow();
            assertArrayEquals(undisturbed(spec), model, () -> points + ", seed " + SyntheticSite.SEED + ": " + logs());
        }
        requireSound(folder, spec);
    }

    /** Each round is released once, at its first attempt, of one update of each site. */
    private static void requireSound(RunFolder folder, FederationSpec spec) throws Exception {
        List<RoundId> released = new ArrayList<>();
        List<String> submitted = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        try (Database database = Database.open(
                        DatabaseSettings.Embedded.standard(),
                        folder.coordinatorData().resolve("database"));
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT sequence_number, event_payload FROM event_journal ORDER BY sequence_number")) {
            while (rows.next()) {
                numbers.add(rows.getLong(1));
                if (!(EventMessages.read(rows.getBytes(2)) instanceof JournalEvent.Happened happened)) {
                    continue;
                }
                if (happened.event() instanceof RoundEvent.ReleaseCommitted committed) {
                    released.add(committed.round());
                } else if (happened.event() instanceof RoundEvent.SubmissionCompleted completed) {
                    submitted.add(completed.submission().toString());
                }
            }
        }
        for (int i = 0; i < numbers.size(); i++) {
            assertEquals(i + 1, numbers.get(i), "a number of the journal is missing or twice");
        }
        List<RoundId> expected = new ArrayList<>();
        for (int round = 0; round < spec.totalRounds(); round++) {
            expected.add(new RoundId(round, 0));
        }
        assertEquals(expected, released);
        assertEquals(3 * spec.totalRounds(), submitted.size(), submitted.toString());
        assertEquals(submitted.size(), Set.copyOf(submitted).size(), submitted.toString());
    }

    private String logs() {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path log :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                text.append(log).append('\n').append(Files.readString(log)).append('\n');
            }
        } catch (IOException e) {
            text.append("no more logs: ").append(e.getMessage());
        }
        return text.toString();
    }
}
