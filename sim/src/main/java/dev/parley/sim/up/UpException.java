package dev.parley.sim.up;

/** The processes cannot go on. The message is one line that says what to do. */
public final class UpException extends Exception {
    private static final long serialVersionUID = 1;

    UpException(String message) {
        super(message);
    }

    UpException(String message, Throwable cause) {
        super(message, cause);
    }
}
