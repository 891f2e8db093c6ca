package dev.parley.server.console.account;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Keys of scripts: {@code parleykey.ID.SECRET}.
 *
 * <p><b>Guarantees</b>: only the secret's hash is stored; a key never permits more than its own role and its account's together; it ends
 * with its time, its account, or when it is removed.
 */
public final class ApiKeys {
    /** Longer than this a key is forgotten about rather than renewed. */
    public static final Duration MOST = Duration.ofDays(366);

    private static final String PREFIX = "parleykey.";
    private static final int ID_CHARACTERS = 10;
    private static final Duration USE_GRAIN = Duration.ofMinutes(1);

    private final DataSource database;
    private final InstantSource clock;

    public ApiKeys(DataSource database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** A key as far as it may be shown. */
    public record ApiKey(
            String id,
            String label,
            Role role,
            String account,
            Instant created,
            Instant expires,
            Optional<Instant> lastUsed) {}

    /** @param text the whole key, shown this once */
    public record Created(ApiKey key, String text) {
        @Override
        public String toString() {
            return "Created[" + key.id() + ", redacted]";
        }
    }

    /** @param label what it is for, 1 to 60 characters */
    public Created create(Caller owner, String label, Role role, Duration validity) throws SQLException {
        if (!owner.role().covers(role)) {
            throw new IllegalArgumentException(
                    "a key has at most its maker's role, " + owner.role().word());
        }
        if (label.isBlank() || label.length() > 60) {
            throw new IllegalArgumentException("a key's label says what it is for in 1 to 60 characters");
        }
        if (validity.isNegative() || validity.isZero() || validity.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("a key is valid for 1 to " + MOST.toDays() + " days");
        }
        Instant now = clock.instant();
        String id = RandomWord.next().replaceAll("[^A-Za-z0-9]", "").substring(0, ID_CHARACTERS);
        String secret = RandomWord.next();
        ApiKey key = new ApiKey(id, label, role, owner.account(), now, now.plus(validity), Optional.empty());
        try (Connection connection = database.getConnection();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO console_key (id, secret_hash, label, role, account, created, expires)"
                                + " VALUES (?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, id);
            insert.setBytes(2, RandomWord.hash(secret));
            insert.setString(3, label);
            insert.setString(4, role.word());
            insert.setString(5, owner.account());
            insert.setTimestamp(6, Timestamp.from(now));
            insert.setTimestamp(7, Timestamp.from(key.expires()));
            insert.executeUpdate();
        }
        return new Created(key, PREFIX + id + "." + secret);
    }

    /** Who calls with this key; empty if it is none, or none any more. */
    public Optional<Caller.Script> find(String text) throws SQLException {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3 || !text.startsWith(PREFIX) || text.length() > 100) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        try (Connection connection = database.getConnection();
                PreparedStatement query = connection.prepareStatement("""
                        SELECT a.name, a.role, k.role, k.last_used FROM console_key k JOIN console_account a ON a.name = k.account
                        WHERE k.id = ? AND k.secret_hash = ? AND k.expires > ?""")) {
            query.setString(1, parts[1]);
            query.setBytes(2, RandomWord.hash(parts[2]));
            query.setTimestamp(3, Timestamp.from(now));
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                Role account = Role.of(rows.getString(2));
                Role key = Role.of(rows.getString(3));
                Timestamp used = rows.getTimestamp(4);
                if (used == null || used.toInstant().isBefore(now.minus(USE_GRAIN))) {
                    touch(connection, parts[1], now);
                }
                return Optional.of(new Caller.Script(rows.getString(1), account.covers(key) ? key : account, parts[1]));
            }
        }
    }

    private static void touch(Connection connection, String id, Instant now) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE console_key SET last_used = ? WHERE id = ?")) {
            update.setTimestamp(1, Timestamp.from(now));
            update.setString(2, id);
            update.executeUpdate();
        }
    }

    /** Every key, the newest first; also those that have expired, until they are removed. */
    public List<ApiKey> list() throws SQLException {
        List<ApiKey> all = new ArrayList<>();
        try (Connection connection = database.getConnection();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT id, label, role, account, created, expires, last_used FROM console_key"
                                + " ORDER BY created DESC, id");
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                Timestamp used = rows.getTimestamp(7);
                all.add(new ApiKey(
                        rows.getString(1),
                        rows.getString(2),
                        Role.of(rows.getString(3)),
                        rows.getString(4),
                        rows.getTimestamp(5).toInstant(),
                        rows.getTimestamp(6).toInstant(),
                        Optional.ofNullable(used).map(Timestamp::toInstant)));
            }
        }
        return all;
    }

    /** Removes a key: one's own, or anybody's if one manages accounts. False if there is none that one may remove. */
    public boolean remove(Caller by, String id) throws SQLException {
        boolean anybodys = by.role().permits(Permission.MANAGE_ACCOUNTS);
        try (Connection connection = database.getConnection();
                PreparedStatement delete =
                        connection.prepareStatement("DELETE FROM console_key WHERE id = ? AND (account = ? OR ?)")) {
            delete.setString(1, id);
            delete.setString(2, by.account());
            delete.setBoolean(3, anybodys);
            return delete.executeUpdate() == 1;
        }
    }
}
