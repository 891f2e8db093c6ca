package dev.parley.server.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.ledger.Spending;
import dev.parley.privacy.dp.noise.StatisticalDistance;
import dev.parley.rounds.FederationName;
import dev.parley.server.database.Database;
import dev.parley.server.database.DatabaseSettings;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Races, kills and mistakes against a real server. Each test has a federation, and so budgets, of its own. */
class DatabaseBudgetsTest {
    static final DatabaseSettings.Embedded EMBEDDED = DatabaseSettings.Embedded.standard();
    static final Budget SITES =
            new Budget(PrivacyUnit.SITE, NeighbouringRelation.ADD_OR_REMOVE_ONE, new Epsilon(8), new Delta(1e-5));

    @TempDir
    static Path folder;

    private static Database database;

    @BeforeAll
    static void open() throws Exception {
        database = Database.open(EMBEDDED, folder.resolve("database"));
    }

    @AfterAll
    static void close() throws Exception {
        database.close();
    }

    /** As another coordinator of the same federation would have: nothing in memory is shared. */
    private static DatabaseBudgets budgets() {
        return new DatabaseBudgets(database.dataSource(), InstantSource.system());
    }

    static BudgetKey federation(String name) {
        return new BudgetKey(new FederationName(name), new BudgetKey.Holder.WholeFederation(), "research");
    }

    private static BudgetKey of(String federation, BudgetKey.Holder holder) {
        return new BudgetKey(new FederationName(federation), holder, "research");
    }

    static Release release(PrivacyUnit unit, double multiplier) {
        return new Release(
                "a round",
                unit,
                new Mechanism.Gaussian(new NoiseMultiplier(multiplier)),
                1,
                new StatisticalDistance(0x1p-100));
    }

    private static Spending spent(int releases, Release release) {
        Spending spending = Spending.none(SITES);
        for (int i = 0; i < releases; i++) {
            spending = spending.with(release);
        }
        return spending;
    }

    private static String ask(String query) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertTrue(rows.next(), query);
            return rows.getString(1);
        }
    }

    private static String debitsOf(String federation) throws SQLException {
        return ask("SELECT count(*) FROM budget_debit d JOIN budget b ON b.id = d.budget WHERE b.federation = '"
                + federation + "'");
    }

    /** Four ledgers that know nothing of each other, so that only the database keeps them apart. */
    @Test
    void aThousandDebitsAtOnceNeitherOverspendNorGetLost() throws Exception {
        Release round = release(PrivacyUnit.SITE, 10);
        BudgetKey key = federation("race");
        long room = Spending.none(SITES).affordable(round);
        assertTrue(room > 100 && room < 900, "the budget ends among the debits: " + room);
        List<DatabaseBudgets> ledgers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ledgers.add(budgets());
        }
        ledgers.getFirst().declare(key, SITES);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Debit>> asked = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1000; i++) {
                DatabaseBudgets ledger = ledgers.get(i % 4);
                ReleaseId id = new ReleaseId("race/" + i);
                asked.add(threads.submit(() -> {
                    start.await();
                    return ledger.debit(id, round, List.of(key));
                }));
            }
            start.countDown();
        }

        long granted = 0;
        for (Future<Debit> debit : asked) {
            switch (debit.get()) {
                case Debit.Granted paid -> granted++;
                case Debit.Refused refused -> assertEquals(Debit.Reason.OVER_BUDGET, refused.reason());
            }
        }
        assertEquals(room, granted);
        assertEquals(Long.toString(room), debitsOf("race"));
        Spending spending = budgets().spending(key).orElseThrow();
        assertEquals(room, spending.releases());
        assertEquals(spent((int) room, round).epsilon(), spending.epsilon());
        assertTrue(spending.epsilon().compareTo(SITES.epsilon()) <= 0);
    }

    @Test
    void aReleaseIsPaidForOnceWhoeverAsksAgain() throws Exception {
        BudgetKey key = federation("again");
        Release round = release(PrivacyUnit.SITE, 2);
        budgets().declare(key, SITES);
        ReleaseId id = new ReleaseId("again/0");

        var first = assertInstanceOf(Debit.Granted.class, budgets().debit(id, round, List.of(key)));
        var second = assertInstanceOf(Debit.Granted.class, budgets().debit(id, round, List.of(key)));
        var other =
                assertInstanceOf(Debit.Refused.class, budgets().debit(id, release(PrivacyUnit.SITE, 3), List.of(key)));

        assertFalse(first.repeated());
        assertTrue(second.repeated());
        assertEquals(first.spent(), second.spent());
        assertEquals(Debit.Reason.OTHER_RELEASE, other.reason());
        assertEquals("1", debitsOf("again"));
    }

    /** Of federation, site and subject group, the group's is the smallest; what it refuses costs the others nothing. */
    @Test
    void severalBudgetsAreDebitedTogetherOrNotAtAll() throws Exception {
        BudgetKey all = federation("many");
        BudgetKey site = of("many", new BudgetKey.Holder.Site("north"));
        BudgetKey group = of("many", new BudgetKey.Holder.SubjectGroup("arm-b"));
        DatabaseBudgets budgets = budgets();
        Release round = release(PrivacyUnit.SITE, 2);
        budgets.declare(all, SITES);
        budgets.declare(site, SITES);
        budgets.declare(group, new Budget(PrivacyUnit.SUBJECT, SITES.relation(), new Epsilon(3), new Delta(1e-5)));
        List<BudgetKey> keys = List.of(group, all, site);

        var paid = assertInstanceOf(Debit.Granted.class, budgets.debit(new ReleaseId("many/0"), round, keys));
        assertEquals(Set.of(all, site, group), paid.spent().keySet());
        assertInstanceOf(Debit.Granted.class, budgets.debit(new ReleaseId("many/1"), round, keys));
        assertEquals(0, budgets.left(group, round).orElseThrow());
        long left = budgets.left(all, round).orElseThrow();
        assertEquals(Spending.none(SITES).affordable(round) - 2, left, "so many rounds left");
        var refused = assertInstanceOf(Debit.Refused.class, budgets.debit(new ReleaseId("many/2"), round, keys));

        assertEquals(group, refused.budget());
        assertEquals(Debit.Reason.OVER_BUDGET, refused.reason());
        assertEquals("6", debitsOf("many"));
        assertEquals(left, budgets().left(all, round).orElseThrow());
        var partly = assertInstanceOf(
                Debit.Refused.class,
                budgets.debit(
                        new ReleaseId("many/1"), round, List.of(all, of("many", new BudgetKey.Holder.Site("x")))));
        assertEquals(Debit.Reason.NO_BUDGET, partly.reason());
    }

    @Test
    void refusalsSayWhichRule() throws Exception {
        BudgetKey key = federation("refused");
        DatabaseBudgets budgets = budgets();
        ReleaseId id = new ReleaseId("refused/0");
        var unknown =
                assertInstanceOf(Debit.Refused.class, budgets.debit(id, release(PrivacyUnit.SITE, 2), List.of(key)));
        assertEquals(Debit.Reason.NO_BUDGET, unknown.reason());
        budgets.declare(key, SITES);
        budgets.declare(key, SITES);

        var small =
                assertInstanceOf(Debit.Refused.class, budgets.debit(id, release(PrivacyUnit.RECORD, 2), List.of(key)));
        IllegalArgumentException raised = assertThrows(
                IllegalArgumentException.class,
                () -> budgets.declare(
                        key, new Budget(PrivacyUnit.SITE, SITES.relation(), new Epsilon(80), new Delta(1e-5))));

        assertEquals(Debit.Reason.UNIT_TOO_SMALL, small.reason());
        assertTrue(raised.getMessage().contains("a budget is set once"), raised.getMessage());
        assertEquals("0", debitsOf("refused"));
    }

    /** What a program that misjudges, or a hand, would write. */
    @Test
    void theDatabaseItselfRefusesWhatWouldOverspendSkipOrForget() throws Exception {
        BudgetKey key = federation("constraints");
        budgets().declare(key, SITES);
        assertInstanceOf(
                Debit.Granted.class,
                budgets().debit(new ReleaseId("constraints/0"), release(PrivacyUnit.SITE, 2), List.of(key)));
        String budget = ask("SELECT id FROM budget WHERE federation = 'constraints'");

        assertRefused("23514", insert(budget, 2, "1", "x", 8.1, 8)); // more than there is
        assertRefused("23503", insert(budget, 2, "1", "x", 8.1, 9)); // of a budget that is larger than it is
        assertRefused("23503", insert(budget, 4, "3", "x", 1, 8)); // a debit is missing before it
        assertRefused("23505", insert(budget, 1, "NULL", "x", 1, 8)); // the number is taken
        assertRefused("23505", insert(budget, 2, "1", "constraints/0", 1, 8)); // the release is paid for
        assertRefused("P0001", "UPDATE budget SET epsilon = 80 WHERE id = " + budget);
        assertRefused("P0001", "DELETE FROM budget_debit WHERE budget = " + budget);
        assertRefused("P0001", "TRUNCATE budget_debit");
        assertEquals("1", debitsOf("constraints"));
    }

    private static String insert(
            String budget, int number, String previous, String release, double spent, double limit) {
        return "INSERT INTO budget_debit VALUES (" + budget + ", " + number + ", " + previous + ", '" + release
                + "', '{}', now(), " + spent + ", " + limit + ")";
    }

    private static void assertRefused(String state, String statement) {
        SQLException refused = assertThrows(SQLException.class, () -> {
            try (Connection connection = database.dataSource().getConnection();
                    Statement sql = connection.createStatement()) {
                sql.execute(statement);
            }
        });
        assertEquals(state, refused.getSQLState(), statement);
    }

    /** Killed in the middle of debits, several times: what was said to be granted is there, and the rest goes on. */
    @Test
    void whatWasGrantedSurvivesKillsAndTheTotalIsExact() throws Exception {
        Path own = folder.resolve("killed");
        Set<Integer> said = new TreeSet<>();
        for (int kill = 1; kill <= 3; kill++) {
            debitUntilKilled(own, 15 * kill, said);
        }

        try (Database reopened = Database.open(EMBEDDED, own)) {
            var budgets = new DatabaseBudgets(reopened.dataSource(), InstantSource.system());
            Release round = release(PrivacyUnit.SITE, 10);
            BudgetKey key = federation("killed");
            long before = budgets.spending(key).orElseThrow().releases();
            assertTrue(before >= said.size(), before + " debits of " + said.size() + " that were granted");
            for (int number : said) {
                var again = assertInstanceOf(
                        Debit.Granted.class, budgets.debit(new ReleaseId("killed/" + number), round, List.of(key)));
                assertTrue(again.repeated(), "release " + number + " was granted and is forgotten");
            }
            long room = Spending.none(SITES).affordable(round);
            int number = 0;
            while (budgets.debit(new ReleaseId("killed/" + number), round, List.of(key)) instanceof Debit.Granted) {
                number++;
            }
            assertEquals(room, number, "ids are paid in order, each once");
            assertEquals(room, budgets.spending(key).orElseThrow().releases());
        }
    }

    private static void debitUntilKilled(Path own, int grants, Set<Integer> said) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DebitingProcess.class.getName(),
                        EMBEDDED.programs().toString(),
                        own.toString())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.matches("\\d+")) {
                    said.add(Integer.parseInt(line));
                }
                if (said.size() >= grants) {
                    process.toHandle().destroyForcibly(); // the process itself would close what is still to be read
                }
            }
        }
        process.waitFor();
        assertTrue(said.size() >= grants, Files.readString(folder.resolve("errors")));
    }
}
