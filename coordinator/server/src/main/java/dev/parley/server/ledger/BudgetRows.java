package dev.parley.server.ledger;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.Spending;
import dev.parley.server.ledger.DatabaseBudgets.Account;
import dev.parley.server.ledger.DatabaseBudgets.Judged;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The statements of the tables {@code budget} and {@code budget_debit}; nothing is judged here. */
final class BudgetRows {
    /** SQLSTATEs of a transaction that lost a race: a key was taken, or the server chose it to end a deadlock. */
    private static final List<String> OVERTAKEN = List.of("23505", "40001", "40P01");

    private BudgetRows() {}

    /** Unless there is one. */
    static void declare(Connection connection, BudgetKey key, Budget budget) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO budget (federation, holder, name, purpose, unit, relation, epsilon, delta)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            name(insert, key);
            insert.setString(5, budget.unit().name());
            insert.setString(6, budget.relation().toString());
            insert.setDouble(7, budget.epsilon().value());
            insert.setDouble(8, budget.delta().value());
            insert.executeUpdate();
        }
    }

    /** A budget without its debits. */
    static Optional<Account> budget(Connection connection, BudgetKey key) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id, unit, relation, epsilon, delta FROM budget"
                        + " WHERE federation = ? AND holder = ? AND name = ? AND purpose = ?")) {
            name(select, key);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? Optional.of(new Account(
                                row.getLong(1),
                                Spending.none(new Budget(
                                        PrivacyUnit.valueOf(row.getString(2)),
                                        relation(row.getString(3)),
                                        new Epsilon(row.getDouble(4)),
                                        new Delta(row.getDouble(5)))),
                                0))
                        : Optional.empty();
            }
        }
    }

    private static void name(PreparedStatement statement, BudgetKey key) throws SQLException {
        statement.setString(1, key.federation().value());
        statement.setString(2, key.holder().kind());
        statement.setString(3, key.holder().name());
        statement.setString(4, key.purpose());
    }

    private static NeighbouringRelation relation(String word) throws SQLException {
        for (NeighbouringRelation relation :
                List.of(NeighbouringRelation.ADD_OR_REMOVE_ONE, NeighbouringRelation.REPLACE_ONE)) {
            if (relation.toString().equals(word)) {
                return relation;
            }
        }
        throw new SQLException("a budget's neighbours are '" + word + "', which this program does not know");
    }

    /** The releases behind the debits that an account does not have yet, in order. */
    static List<String> debitsAfter(Connection connection, Account account) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT release FROM budget_debit WHERE budget = ? AND number > ? ORDER BY number")) {
            select.setLong(1, account.id());
            select.setLong(2, account.debits());
            try (ResultSet rows = select.executeQuery()) {
                List<String> releases = new ArrayList<>();
                while (rows.next()) {
                    releases.add(rows.getString(1));
                }
                return releases;
            }
        }
    }

    /** What an id has paid for. */
    static Optional<String> release(Connection connection, long budget, ReleaseId id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT release FROM budget_debit WHERE budget = ? AND release_id = ?")) {
            select.setLong(1, budget);
            select.setString(2, id.value());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    /**
     * Adds one debit to each account, in their order, and commits.
     *
     * @param release as written
     * @return false if somebody else has debited one of them since it was read; then nothing was added
     */
    static boolean append(DataSource source, List<Judged> debits, ReleaseId id, String release, Instant at)
            throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try {
                for (Judged debit : debits) {
                    append(connection, debit.account(), id, release, debit.spent(), at);
                }
                connection.commit();
                return true;
            } catch (SQLException e) {
                connection.rollback();
                if (OVERTAKEN.contains(String.valueOf(e.getSQLState()))) {
                    return false;
                }
                throw e;
            }
        }
    }

    private static void append(
            Connection connection, Account account, ReleaseId id, String release, Epsilon spent, Instant at)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO budget_debit"
                + " (budget, number, previous, release_id, release, debited_at, spent, limit_epsilon)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setLong(1, account.id());
            insert.setLong(2, account.debits() + 1);
            if (account.debits() == 0) {
                insert.setNull(3, Types.BIGINT);
            } else {
                insert.setLong(3, account.debits());
            }
            insert.setString(4, id.value());
            insert.setString(5, release);
            insert.setObject(6, at.atOffset(ZoneOffset.UTC));
            insert.setDouble(7, spent.value());
            insert.setDouble(8, account.spending().budget().epsilon().value());
            insert.executeUpdate();
        }
    }
}
