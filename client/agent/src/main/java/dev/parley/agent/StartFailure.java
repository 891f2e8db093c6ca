package dev.parley.agent;

/** A command cannot go on. The message is one line that says what to do. */
final class StartFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;

    StartFailure(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
