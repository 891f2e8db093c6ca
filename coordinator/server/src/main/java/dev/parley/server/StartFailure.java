package dev.parley.server;

/** The coordinator cannot start. The message is one line that says what to do; places in files are shown above it. */
final class StartFailure extends Exception {
    private final ExitCode exitCode;
    private final String shown;

    StartFailure(ExitCode exitCode, String message) {
        this(exitCode, message, "");
    }

    /** @param shown lines with places and carets, which are printed as they are; empty for none */
    StartFailure(ExitCode exitCode, String message, String shown) {
        super(message);
        this.exitCode = exitCode;
        this.shown = shown;
    }

    String shown() {
        return shown;
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
