package dev.parley.server.console.account;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * The people who may log in.
 *
 * <p><b>Guarantees</b>: a password is stored as its Argon2id hash only; a wrong name takes as long as a wrong password; the last
 * operator cannot be removed. <b>Does not</b> limit attempts: the caller does.
 */
public final class Accounts {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?");

    /** What a password is compared with when there is no such account. */
    private static final String NOBODY = PasswordHash.of(RandomWord.next());

    private final DataSource database;
    private final InstantSource clock;

    public Accounts(DataSource database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** @param lastLogin empty if never */
    public record Account(String name, Role role, Instant created, Optional<Instant> lastLogin) {}

    /** What came of a change. */
    public sealed interface Outcome {
        record Done() implements Outcome {}

        /** It was not done. The rule is one sentence for the person who asked. */
        record Refused(String rule) implements Outcome {}
    }

    public boolean any() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement query = connection.prepareStatement("SELECT 1 FROM console_account LIMIT 1");
                ResultSet rows = query.executeQuery()) {
            return rows.next();
        }
    }

    /** The very first account, an operator. Refused once there is any, also if two try at the same moment. */
    public Outcome createFirst(String name, String password) throws SQLException {
        return insert(name, password, Role.OPERATOR, " WHERE NOT EXISTS (SELECT 1 FROM console_account)");
    }

    public Outcome create(String name, String password, Role role) throws SQLException {
        return insert(name, password, role, "");
    }

    private Outcome insert(String name, String password, Role role, String condition) throws SQLException {
        if (!NAME.matcher(name).matches()) {
            return new Outcome.Refused(
                    "An account's name is 1 to 32 lower-case letters, digits and inner dots, hyphens or underscores.");
        }
        if (password.length() < PasswordHash.LEAST_CHARACTERS || password.length() > PasswordHash.MOST_CHARACTERS) {
            return new Outcome.Refused("A password has " + PasswordHash.LEAST_CHARACTERS + " to "
                    + PasswordHash.MOST_CHARACTERS + " characters; a few unrelated words are easy to remember.");
        }
        String hash = PasswordHash.of(password);
        try (Connection connection = database.getConnection()) {
            boolean single = !condition.isEmpty();
            connection.setAutoCommit(false);
            if (single) {
                try (PreparedStatement lock = connection.prepareStatement("LOCK TABLE console_account")) {
                    lock.execute();
                }
            }
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO console_account (name, role, password_hash, created) SELECT ?, ?, ?, ?" + condition
                            + " ON CONFLICT (name) DO NOTHING")) {
                insert.setString(1, name);
                insert.setString(2, role.word());
                insert.setString(3, hash);
                insert.setTimestamp(4, Timestamp.from(clock.instant()));
                boolean done = insert.executeUpdate() == 1;
                connection.commit();
                return done
                        ? new Outcome.Done()
                        : new Outcome.Refused(
                                single
                                        ? "There is an account already; log in with it."
                                        : "There is an account with this name already; choose another name.");
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    /** The account, if the password is its own; a login is noted. */
    public Optional<Account> authenticate(String name, String password) throws SQLException {
        String stored = NOBODY;
        try (Connection connection = database.getConnection();
                PreparedStatement query =
                        connection.prepareStatement("SELECT password_hash FROM console_account WHERE name = ?")) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                if (rows.next()) {
                    stored = rows.getString(1);
                }
            }
        }
        if (!PasswordHash.matches(password, stored) || stored.equals(NOBODY)) {
            return Optional.empty();
        }
        try (Connection connection = database.getConnection();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE console_account SET last_login = ? WHERE name = ?")) {
            update.setTimestamp(1, Timestamp.from(clock.instant()));
            update.setString(2, name);
            update.executeUpdate();
        }
        return find(name);
    }

    public Optional<Account> find(String name) throws SQLException {
        return list().stream().filter(account -> account.name().equals(name)).findFirst();
    }

    /** Ascending by name. */
    public List<Account> list() throws SQLException {
        List<Account> all = new ArrayList<>();
        try (Connection connection = database.getConnection();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT name, role, created, last_login FROM console_account ORDER BY name");
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                Timestamp login = rows.getTimestamp(4);
                all.add(new Account(
                        rows.getString(1),
                        Role.of(rows.getString(2)),
                        rows.getTimestamp(3).toInstant(),
                        Optional.ofNullable(login).map(Timestamp::toInstant)));
            }
        }
        return all;
    }

    /** Removes an account with its sessions and keys; they stop working at once. */
    public Outcome remove(String name) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            // Two operators who remove each other must not both succeed.
            try (PreparedStatement lock = connection.prepareStatement("LOCK TABLE console_account");
                    PreparedStatement delete = connection.prepareStatement("""
                            DELETE FROM console_account WHERE name = ? AND (role <> 'operator'
                              OR (SELECT count(*) FROM console_account WHERE role = 'operator') > 1)""")) {
                lock.execute();
                delete.setString(1, name);
                boolean done = delete.executeUpdate() == 1;
                connection.commit();
                return done
                        ? new Outcome.Done()
                        : new Outcome.Refused(
                                "There is no such account, or it is the last operator's: create another operator first.");
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
        }
    }
}
