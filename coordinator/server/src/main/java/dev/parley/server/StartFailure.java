package dev.parley.server;

/** The coordinator cannot start. The message is one line that says what to do. */
final class StartFailure extends Exception {
    private final ExitCode exitCode;

    StartFailure(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
