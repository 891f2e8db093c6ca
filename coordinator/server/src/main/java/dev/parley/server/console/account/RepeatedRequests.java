package dev.parley.server.console.account;

import dev.parley.privacy.update.ContentHash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import javax.sql.DataSource;

/**
 * Idempotency keys: a script that did not hear the answer may ask again without doing the thing twice.
 *
 * <p><b>Guarantees</b>: of two requests of one account with one key, one is carried out, also if both come at the same moment. <b>Does
 * not</b> store secrets: an answer that held one is kept without it, as it is shown once.
 */
public final class RepeatedRequests {
    /** How long an answer is kept for whoever asks again. */
    private static final Duration KEPT = Duration.ofHours(24);

    private final DataSource database;
    private final InstantSource clock;

    public RepeatedRequests(DataSource database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** What is to be done with a request. */
    public sealed interface Verdict {
        /** Carry it out, then {@link #answered} or {@link #failed}. */
        record First() implements Verdict {}

        /** It was carried out; this was the answer. */
        record Answered(int status, String body) implements Verdict {}

        /** Its twin is being carried out. */
        record UnderWay() implements Verdict {}

        /** The key came with another request before. */
        record OtherRequest() implements Verdict {}
    }

    public Verdict begin(String account, String key, ContentHash request) throws SQLException {
        Instant now = clock.instant();
        try (Connection connection = database.getConnection()) {
            try (PreparedStatement sweep =
                            connection.prepareStatement("DELETE FROM console_request WHERE created < ?");
                    PreparedStatement insert = connection.prepareStatement(
                            "INSERT INTO console_request (account, request_key, request_hash, created)"
                                    + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
                sweep.setTimestamp(1, Timestamp.from(now.minus(KEPT)));
                sweep.executeUpdate();
                insert.setString(1, account);
                insert.setString(2, key);
                insert.setBytes(3, request.bytes());
                insert.setTimestamp(4, Timestamp.from(now));
                if (insert.executeUpdate() == 1) {
                    return new Verdict.First();
                }
            }
            return earlier(connection, account, key, request);
        }
    }

    private static Verdict earlier(Connection connection, String account, String key, ContentHash request)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT request_hash, status, body FROM console_request WHERE account = ? AND request_key = ?")) {
            query.setString(1, account);
            query.setString(2, key);
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    return new Verdict.UnderWay();
                }
                if (!ContentHash.ofDigest(rows.getBytes(1)).equals(request)) {
                    return new Verdict.OtherRequest();
                }
                int status = rows.getInt(2);
                return rows.wasNull() ? new Verdict.UnderWay() : new Verdict.Answered(status, rows.getString(3));
            }
        }
    }

    /** @param body the answer, without secrets */
    public void answered(String account, String key, int status, String body) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE console_request SET status = ?, body = ? WHERE account = ? AND request_key = ?")) {
            update.setInt(1, status);
            update.setString(2, body);
            update.setString(3, account);
            update.setString(4, key);
            update.executeUpdate();
        }
    }

    /** Nothing was done; the key may be used again. */
    public void failed(String account, String key) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement delete = connection.prepareStatement(
                        "DELETE FROM console_request WHERE account = ? AND request_key = ?")) {
            delete.setString(1, account);
            delete.setString(2, key);
            delete.executeUpdate();
        }
    }
}
