package dev.parley.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/** The pool of connections to one server, and what is asked of a server before it is trusted. */
final class Connections {
    /** What our tables live in, so that the database may be shared with others. */
    static final String SCHEMA = "parley";

    /** The journal's writer, its readers, and people who look; each for milliseconds. */
    private static final int MOST = 10;

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final int OLDEST_VERSION = 14;

    private Connections() {}

    /** SQLSTATE classes of a refusal that trying again does not change: who asks, and for which database. */
    private static final List<String> FINAL_REFUSALS = List.of("28", "3D");

    /** Whether a server lets this user in, tried for a few seconds: a server that recovers from a crash needs a moment. */
    static boolean answers(String url, String user, String password) {
        try (Connection connection = connect(url, user, password)) {
            return connection.isValid((int) ANSWER_LIMIT.toSeconds());
        } catch (SQLException e) {
            return false;
        }
    }

    private static Connection connect(String url, String user, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("loginTimeout", Long.toString(ANSWER_LIMIT.toSeconds()));
        return DriverManager.getConnection(url, properties);
    }

    /** Waits some seconds for a server that does not listen yet, and not at all for one that says no. */
    static HikariDataSource open(String url, String user, String password) throws DatabaseException {
        try {
            connect(url, user, password).close();
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (FINAL_REFUSALS.stream().anyMatch(state::startsWith)) {
                throw refused(url, user, e);
            }
        }
        HikariConfig config = new HikariConfig();
        config.setPoolName("parley");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setSchema(SCHEMA);
        config.setMaximumPoolSize(MOST);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(ANSWER_LIMIT.toMillis());
        config.setInitializationFailTimeout(ANSWER_LIMIT.toMillis());
        config.addDataSourceProperty("ApplicationName", "parley coordinator");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            throw refused(url, user, e);
        }
    }

    private static DatabaseException refused(String url, String user, Exception cause) {
        return new DatabaseException(
                "the database " + url + " does not let user " + user + " in: " + reason(cause)
                        + "; check that it runs, database.url, database.user and database.password-file",
                cause);
    }

    /** A server that may lose what it has said is committed is refused: budgets would be forgotten and releases doubled. */
    static void requireDurable(HikariDataSource pool, String url) throws DatabaseException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            int version = Integer.parseInt(setting(statement, "server_version_num")) / 10_000;
            if (version < OLDEST_VERSION) {
                throw new DatabaseException("the database " + url + " is PostgreSQL " + version + ", expected "
                        + OLDEST_VERSION + " or newer");
            }
            for (String name : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
                if (setting(statement, name).equals("off")) {
                    throw new DatabaseException("the database " + url + " has " + name
                            + " = off and may lose what it has committed; switch it on");
                }
            }
        } catch (SQLException e) {
            throw new DatabaseException("the database " + url + " cannot be asked for its settings: " + reason(e), e);
        }
    }

    private static String setting(Statement statement, String name) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SHOW " + name)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** The innermost reason in one line. */
    static String reason(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return String.valueOf(innermost.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }
}
