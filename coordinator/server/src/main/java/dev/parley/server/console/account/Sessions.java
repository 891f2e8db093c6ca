package dev.parley.server.console.account;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Browsers that are logged in.
 *
 * <p><b>Guarantees</b>: only the hash of a session's word is stored; a word is always drawn here, never taken from a caller; a session
 * ends {@link #idle} after its last use and {@link #absolute} after its begin, whichever comes first.
 */
public final class Sessions {
    /** How exactly the last use is known: writing it down at every request would cost a commit each. */
    private static final Duration USE_GRAIN = Duration.ofSeconds(30);

    private final DataSource database;
    private final InstantSource clock;
    private final Duration idle;
    private final Duration absolute;

    public Sessions(DataSource database, InstantSource clock, Duration idle, Duration absolute) {
        this.database = database;
        this.clock = clock;
        this.idle = idle;
        this.absolute = absolute;
    }

    /** How long a session may last. */
    public Duration absolute() {
        return absolute;
    }

    /** Begins a session; the answer is the word that the browser keeps. Sessions that have ended are swept away. */
    public String begin(String account) throws SQLException {
        String word = RandomWord.next();
        Instant now = clock.instant();
        try (Connection connection = database.getConnection();
                PreparedStatement sweep =
                        connection.prepareStatement("DELETE FROM console_session WHERE used < ? OR begun < ?");
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO console_session (word_hash, account, csrf, begun, used) VALUES (?, ?, ?, ?, ?)")) {
            sweep.setTimestamp(1, Timestamp.from(now.minus(idle)));
            sweep.setTimestamp(2, Timestamp.from(now.minus(absolute)));
            sweep.executeUpdate();
            insert.setBytes(1, RandomWord.hash(word));
            insert.setString(2, account);
            insert.setString(3, RandomWord.next());
            insert.setTimestamp(4, Timestamp.from(now));
            insert.setTimestamp(5, Timestamp.from(now));
            insert.executeUpdate();
        }
        return word;
    }

    /**
     * Who holds this word.
     *
     * @param use whether a person did something; a page that refreshes itself keeps no session alive
     */
    public Optional<Caller.Person> find(String word, boolean use) throws SQLException {
        Instant now = clock.instant();
        byte[] hash = RandomWord.hash(word);
        try (Connection connection = database.getConnection();
                PreparedStatement query = connection.prepareStatement("""
                        SELECT a.name, a.role, s.csrf, s.used FROM console_session s JOIN console_account a ON a.name = s.account
                        WHERE s.word_hash = ? AND s.used >= ? AND s.begun >= ?""")) {
            query.setBytes(1, hash);
            query.setTimestamp(2, Timestamp.from(now.minus(idle)));
            query.setTimestamp(3, Timestamp.from(now.minus(absolute)));
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                if (use && rows.getTimestamp(4).toInstant().isBefore(now.minus(USE_GRAIN))) {
                    touch(connection, hash, now);
                }
                return Optional.of(new Caller.Person(rows.getString(1), Role.of(rows.getString(2)), rows.getString(3)));
            }
        }
    }

    private static void touch(Connection connection, byte[] hash, Instant now) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE console_session SET used = ? WHERE word_hash = ?")) {
            update.setTimestamp(1, Timestamp.from(now));
            update.setBytes(2, hash);
            update.executeUpdate();
        }
    }

    public void end(String word) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement delete =
                        connection.prepareStatement("DELETE FROM console_session WHERE word_hash = ?")) {
            delete.setBytes(1, RandomWord.hash(word));
            delete.executeUpdate();
        }
    }
}
