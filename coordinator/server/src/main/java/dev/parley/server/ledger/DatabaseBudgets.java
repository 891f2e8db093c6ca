package dev.parley.server.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.Decision;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.ledger.ReleaseFormat;
import dev.parley.privacy.dp.ledger.Spending;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/**
 * Budgets and debits in a database that many processes share.
 *
 * <p><b>How.</b> To judge a debit takes all debits before it and up to a second of accounting, so no transaction is held open
 * for it. All debits are read, the next is judged, and then it is written down under the number after the last one that was
 * read. If somebody else was faster, that number is taken, the database refuses, and it is judged anew by what is there now.
 * Several budgets are debited in one transaction, in one order.
 *
 * <p><b>Guarantees</b>: when {@link #debit} returns {@link Debit.Granted}, the debit is committed; granted debits together
 * never exceed a budget, whoever else debits it, from this process or another; a release's id is paid for once; when it
 * throws, nothing may be released, the debit may or may not count, and asking again with the same id settles which. Safe for
 * use by many threads. <b>Does not</b> keep out who may write to the database by hand: the schema's triggers only refuse
 * mistakes.
 */
public final class DatabaseBudgets {
    /** Each time somebody else has debited, so giving up says that the budget is asked for faster than it can be judged. */
    private static final int MOST_ATTEMPTS = 1000;

    private final DataSource source;
    private final InstantSource clock;
    /** What was read before, so that only what came after has to be read. Never trusted: the keys are. */
    private final ConcurrentMap<BudgetKey, Account> known = new ConcurrentHashMap<>();

    /** Courtesy among the threads of this process, which would only overtake each other. No guarantee rests on it. */
    private final ReentrantLock turn = new ReentrantLock(true);

    /** @param source connections whose schema has the tables, as {@link dev.parley.server.database.Database} gives them */
    public DatabaseBudgets(DataSource source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
    }

    /**
     * Sets a budget, once; the same again changes nothing.
     *
     * @throws IllegalArgumentException if another one is set: a budget that could be raised would be none
     * @throws IOException if the database does not answer
     */
    public void declare(BudgetKey key, Budget budget) throws IOException {
        Budget set;
        try (Connection connection = source.getConnection()) {
            BudgetRows.declare(connection, key, budget);
            set = BudgetRows.budget(connection, key).orElseThrow().spending().budget();
        } catch (SQLException e) {
            throw unanswered(e);
        }
        if (!set.equals(budget)) {
            throw new IllegalArgumentException(
                    key + " is " + set + " already, got " + budget + ": a budget is set once, for ever");
        }
    }

    /**
     * Pays for a release, before it is computed.
     *
     * @param keys every budget that it is paid from, at least one; all of them or none are debited
     * @throws IOException if the debit could not be made durable
     */
    public Debit debit(ReleaseId id, Release release, Collection<BudgetKey> keys) throws IOException {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("a release is paid from at least 1 budget, got none");
        }
        String written = written(release);
        turn.lock();
        try {
            for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
                Optional<Debit> settled = attempt(id, release, written, new TreeSet<>(keys));
                if (settled.isPresent()) {
                    return settled.get();
                }
            }
        } catch (SQLException e) {
            throw unanswered(e);
        } finally {
            turn.unlock();
        }
        throw new IOException("release " + id + " was overtaken by other debits " + MOST_ATTEMPTS
                + " times; ask again with the same id");
    }

    /** @return nothing if somebody else has debited meanwhile */
    private Optional<Debit> attempt(ReleaseId id, Release release, String written, TreeSet<BudgetKey> keys)
            throws SQLException, IOException {
        SortedMap<BudgetKey, Account> accounts = new TreeMap<>();
        try (Connection connection = source.getConnection()) {
            for (BudgetKey key : keys) {
                Optional<Account> account = refreshed(connection, key);
                if (account.isEmpty()) {
                    return Optional.of(new Debit.Refused(
                            key, Debit.Reason.NO_BUDGET, "nobody has set " + key + ": declare it first"));
                }
                accounts.put(key, account.get());
            }
            Optional<Debit> before = repeated(connection, id, written, accounts);
            if (before.isPresent()) {
                return before;
            }
        }
        List<Judged> judged = new ArrayList<>();
        SortedMap<BudgetKey, Epsilon> spent = new TreeMap<>();
        for (var entry : accounts.entrySet()) {
            switch (entry.getValue().spending().judge(release)) {
                case Decision.Granted granted -> {
                    judged.add(new Judged(entry.getValue(), granted.spent()));
                    spent.put(entry.getKey(), granted.spent());
                }
                case Decision.Refused refused -> {
                    return Optional.of(new Debit.Refused(entry.getKey(), reason(refused.reason()), refused.message()));
                }
            }
        }
        if (!BudgetRows.append(source, judged, id, written, clock.instant())) {
            return Optional.empty();
        }
        accounts.forEach((key, account) -> remember(key, account.with(release)));
        return Optional.of(new Debit.Granted(spent, false));
    }

    private static Optional<Debit> repeated(
            Connection connection, ReleaseId id, String written, SortedMap<BudgetKey, Account> accounts)
            throws SQLException {
        int found = 0;
        for (var entry : accounts.entrySet()) {
            Optional<String> before =
                    BudgetRows.release(connection, entry.getValue().id(), id);
            if (before.isPresent() && !before.get().equals(written)) {
                return Optional.of(otherRelease(entry.getKey(), id, "another release"));
            }
            found += before.isPresent() ? 1 : 0;
        }
        if (found == 0) {
            return Optional.empty();
        }
        if (found < accounts.size()) {
            return Optional.of(otherRelease(accounts.firstKey(), id, "a release from other budgets"));
        }
        SortedMap<BudgetKey, Epsilon> spent = new TreeMap<>();
        accounts.forEach((key, account) -> spent.put(key, account.spending().epsilon()));
        return Optional.of(new Debit.Granted(spent, true));
    }

    private static Debit otherRelease(BudgetKey key, ReleaseId id, String what) {
        return new Debit.Refused(
                key,
                Debit.Reason.OTHER_RELEASE,
                "the id " + id + " has paid for " + what + ": a new release takes a new id");
    }

    private static Debit.Reason reason(Decision.Reason reason) {
        return switch (reason) {
            case OVER_BUDGET -> Debit.Reason.OVER_BUDGET;
            case UNIT_TOO_SMALL -> Debit.Reason.UNIT_TOO_SMALL;
            case NO_ANALYSIS -> Debit.Reason.NO_ANALYSIS;
        };
    }

    private Optional<Account> refreshed(Connection connection, BudgetKey key) throws SQLException, IOException {
        Account before = known.get(key);
        Optional<Account> found = before == null ? BudgetRows.budget(connection, key) : Optional.of(before);
        if (found.isEmpty()) {
            return found;
        }
        Account account = found.get();
        for (String release : BudgetRows.debitsAfter(connection, account)) {
            account = account.with(read(release));
        }
        remember(key, account);
        return Optional.of(account);
    }

    private void remember(BudgetKey key, Account account) {
        known.merge(key, account, (one, other) -> one.debits() >= other.debits() ? one : other);
    }

    /** What has been spent of a budget; empty if nobody has set it. */
    public Optional<Spending> spending(BudgetKey key) throws IOException {
        try (Connection connection = source.getConnection()) {
            return refreshed(connection, key).map(Account::spending);
        } catch (SQLException e) {
            throw unanswered(e);
        }
    }

    /** How many more such releases a budget has room for, if it is set: "7 rounds left". */
    public OptionalLong left(BudgetKey key, Release release) throws IOException {
        Optional<Spending> spending = spending(key);
        return spending.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(spending.get().affordable(release));
    }

    private static String written(Release release) {
        try {
            return ReleaseFormat.JSON.writeValueAsString(release);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("every release has a written form", e);
        }
    }

    private static Release read(String written) throws IOException {
        try {
            return ReleaseFormat.JSON.readValue(written, Release.class);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "a debit in the database cannot be read, so nothing more may be released from its budget:"
                            + " it was written by a newer program, or changed by hand",
                    e);
        }
    }

    private static IOException unanswered(SQLException e) {
        return new IOException(
                "the budgets' database does not answer as it should (SQLSTATE " + e.getSQLState()
                        + "); nothing may be released until it does",
                e);
    }

    /**
     * What is known of one budget.
     *
     * @param id its row
     * @param debits numbers 1 to this are in {@code spending}
     */
    record Account(long id, Spending spending, long debits) {
        Account with(Release release) {
            return new Account(id, spending.with(release), debits + 1);
        }
    }

    /** A debit that fits. @param spent with it */
    record Judged(Account account, Epsilon spent) {}
}
