package dev.parley.server.database;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's PostgreSQL, open and with the newest schema.
 *
 * <p><b>Guarantees</b>: what a connection from {@link #dataSource} has committed survives the death of this process, of the
 * server and of the computer. <b>Does not</b> keep other coordinators out of a server that they share: tables that need one
 * writer fence the second by their keys.
 */
public final class Database implements AutoCloseable {
    private final HikariDataSource pool;
    private final Optional<EmbeddedPostgres> server;

    private Database(HikariDataSource pool, @Nullable EmbeddedPostgres server) {
        this.pool = pool;
        this.server = Optional.ofNullable(server);
    }

    /**
     * Starts the server if it is ours, connects, and brings the schema up to date.
     *
     * @param folder of the embedded server's files, kept and readable by this user alone; left alone if the server is not ours
     * @throws DatabaseException with nothing left open
     */
    public static Database open(DatabaseSettings settings, Path folder) throws DatabaseException {
        return switch (settings) {
            case DatabaseSettings.Embedded embedded -> {
                EmbeddedPostgres server = EmbeddedPostgres.start(embedded.programs(), folder);
                try {
                    yield connect(server.url(), EmbeddedPostgres.USER, server.password(), server);
                } catch (DatabaseException | RuntimeException e) {
                    server.close();
                    throw e;
                }
            }
            case DatabaseSettings.External external ->
                connect(external.url(), external.user(), password(external.passwordFile()), null);
        };
    }

    private static Database connect(String url, String user, String password, @Nullable EmbeddedPostgres server)
            throws DatabaseException {
        HikariDataSource pool = Connections.open(url, user, password);
        try {
            Connections.requireDurable(pool, url);
            migrate(pool, url);
            return new Database(pool, server);
        } catch (DatabaseException | RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static void migrate(HikariDataSource pool, String url) throws DatabaseException {
        try {
            Flyway.configure(Database.class.getClassLoader())
                    .dataSource(pool)
                    .defaultSchema(Connections.SCHEMA)
                    .locations("classpath:dev/parley/server/database/migration")
                    .loggers("slf4j")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new DatabaseException(
                    "the schema '" + Connections.SCHEMA + "' of " + url + " cannot be brought up to date: "
                            + Connections.reason(e)
                            + "; the user must own the schema, or be allowed to create it",
                    e);
        }
    }

    /** Connections of a pool, in schema {@code parley}; hold one for milliseconds. Closing the database closes them. */
    public DataSource dataSource() {
        return pool;
    }

    /** Closes the connections, then stops the server if it is ours. */
    @Override
    public void close() throws DatabaseException {
        pool.close();
        if (server.isPresent()) {
            server.get().close();
        }
    }

    private static String password(Path file) throws DatabaseException {
        try {
            return Files.readString(file).lines().findFirst().orElse("");
        } catch (IOException e) {
            throw new DatabaseException(
                    "database.password-file " + file + " cannot be read: "
                            + e.getClass().getSimpleName(),
                    e);
        }
    }
}
