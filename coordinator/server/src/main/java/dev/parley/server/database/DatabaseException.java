package dev.parley.server.database;

/** The database cannot be started, reached or used. The message is one line that says what to do; it holds no password. */
public final class DatabaseException extends Exception {
    DatabaseException(String message) {
        super(message);
    }

    DatabaseException(String message, Throwable cause) {
        super(message, cause);
    }
}
