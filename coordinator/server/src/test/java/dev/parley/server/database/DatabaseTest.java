package dev.parley.server.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server of our own, killed and opened again. */
class DatabaseTest {
    private static final DatabaseSettings.Embedded EMBEDDED = DatabaseSettings.Embedded.standard();

    @TempDir
    Path folder;

    private Path cluster() throws Exception {
        return folder.toRealPath().resolve("database/cluster");
    }

    private Database open() throws DatabaseException {
        return Database.open(EMBEDDED, folder.resolve("database"));
    }

    private static String ask(Database database, String query) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertTrue(rows.next(), query);
            return rows.getString(1);
        }
    }

    private static void tell(Database database, String command) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    private Optional<PostmasterFile> postmaster() throws Exception {
        return PostmasterFile.of(cluster());
    }

    /** Whatever a test has found: no server outlives it. */
    @AfterEach
    void stopServer() throws Exception {
        if (Files.isDirectory(cluster())
                && postmaster().filter(PostmasterFile::runs).isPresent()) {
            open().close();
        }
    }

    @Test
    void keepsWhatIsCommittedAndItsServerEndsWithIt() throws Exception {
        try (Database database = open()) {
            tell(database, "CREATE TABLE kept (word TEXT)");
            tell(database, "INSERT INTO kept VALUES ('still here')");
        }
        assertEquals(Optional.empty(), postmaster());

        try (Database database = open()) {
            assertEquals("still here", ask(database, "SELECT word FROM kept"));
            assertEquals("parley", ask(database, "SELECT current_schema()"));
        }
    }

    @Test
    void isDurableAndOpenToThisUserAlone() throws Exception {
        try (Database database = open()) {
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes", "data_checksums")) {
                assertEquals("on", ask(database, "SHOW " + setting), setting);
            }
            assertEquals("127.0.0.1", ask(database, "SHOW listen_addresses"));
            assertEquals("", ask(database, "SHOW unix_socket_directories"));
            String url =
                    "jdbc:postgresql://127.0.0.1:" + postmaster().orElseThrow().port() + "/postgres";
            assertThrows(SQLException.class, () -> DriverManager.getConnection(url, "parley", "guessed"));
            assertThrows(SQLException.class, () -> DriverManager.getConnection(url, "parley", ""));
        }
        for (String secret : List.of("", "password", "cluster")) {
            String others = PosixFilePermissions.toString(Files.getPosixFilePermissions(
                            folder.resolve("database").resolve(secret)))
                    .substring(3);
            assertEquals("------", others, secret);
        }
    }

    /** Starts a program that commits and kills it after some commits. @return how many it said it had committed */
    private int killAfter(int commits) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CommittingProcess.class.getName(),
                        EMBEDDED.programs().toString(),
                        folder.resolve("database").toString())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        int said = 0;
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // Logging may share the stream; a number alone on its line is ours.
                if (line.matches("\\d+")) {
                    said = Integer.parseInt(line);
                }
                if (said == commits) {
                    process.toHandle().destroyForcibly(); // the process itself would close what is still to be read
                }
            }
        }
        process.waitFor();
        assertTrue(said >= commits, Files.readString(folder.resolve("errors")));
        return said;
    }

    @Test
    void usesTheServerAgainThatAKilledProcessLeft() throws Exception {
        int said = killAfter(20);
        PostmasterFile left = postmaster().orElseThrow();
        assertTrue(left.runs());

        try (Database database = open()) {
            assertEquals(left, postmaster().orElseThrow());
            assertTrue(Integer.parseInt(ask(database, "SELECT max(number) FROM committed")) >= said);
            assertEquals(
                    ask(database, "SELECT max(number) FROM committed"),
                    ask(database, "SELECT count(*) FROM committed"));
        }
        assertFalse(left.runs());
    }

    @Test
    void losesNothingWhenTheServerIsKilledToo() throws Exception {
        int said = killAfter(20);
        PostmasterFile left = postmaster().orElseThrow();
        ProcessHandle server = ProcessHandle.of(left.pid()).orElseThrow();
        assertTrue(server.destroyForcibly());

        try (Database database = open()) {
            assertNotEquals(left.pid(), postmaster().orElseThrow().pid());
            assertTrue(Integer.parseInt(ask(database, "SELECT max(number) FROM committed")) >= said);
        }
    }

    @Test
    void isNotMistakenForAnotherProgramThatWasGivenItsNumber() throws Exception {
        open().close();
        Files.writeString(
                cluster().resolve("postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + cluster() + "\n0\n5432\n\n127.0.0.1\n  1  1\nready\n");

        try (Database database = open()) {
            assertEquals("1", ask(database, "SELECT 1"));
        }
    }

    @Test
    void finishesWhatAKillLeftHalfCreated() throws Exception {
        Files.createDirectories(folder.resolve("database/cluster.new"));
        Files.writeString(folder.resolve("database/cluster.new/PG_VERSION"), "17\n");
        Files.writeString(folder.resolve("database/password"), "of the attempt before\n");

        try (Database database = open()) {
            assertEquals("1", ask(database, "SELECT 1"));
        }
    }

    @Test
    void refusesFilesOfAnotherVersion() throws Exception {
        open().close();
        Files.writeString(cluster().resolve("PG_VERSION"), "16\n");

        DatabaseException refusal = assertThrows(DatabaseException.class, this::open);

        assertTrue(
                refusal.getMessage().contains("was written by PostgreSQL 16, this program has 17"),
                refusal.getMessage());
        Files.writeString(cluster().resolve("PG_VERSION"), "17\n");
    }

    @Test
    void connectsToAServerThatOthersRunIfItIsDurable() throws Exception {
        try (Database others = open()) {
            String url =
                    "jdbc:postgresql://127.0.0.1:" + postmaster().orElseThrow().port() + "/postgres";
            Path password = folder.resolve("database/password");
            DatabaseSettings external = new DatabaseSettings.External(url, "parley", password);

            try (Database database = Database.open(external, folder.resolve("unused"))) {
                assertEquals("0", ask(database, "SELECT count(*) FROM event_journal"));
            }
            assertEquals("1", ask(others, "SELECT 1"));
            assertFalse(Files.exists(folder.resolve("unused")));

            tell(others, "ALTER ROLE parley SET synchronous_commit = off");
            DatabaseException forgetful =
                    assertThrows(DatabaseException.class, () -> Database.open(external, folder.resolve("unused")));
            assertTrue(forgetful.getMessage().contains("synchronous_commit = off"), forgetful.getMessage());

            Path wrong = Files.writeString(folder.resolve("wrong"), "guessed\n");
            DatabaseException refused = assertThrows(
                    DatabaseException.class,
                    () -> Database.open(new DatabaseSettings.External(url, "parley", wrong), folder.resolve("unused")));
            assertTrue(refused.getMessage().contains("does not let user parley in"), refused.getMessage());
            assertFalse(refused.getMessage().contains("guessed"), refused.getMessage());
        }
    }
}
