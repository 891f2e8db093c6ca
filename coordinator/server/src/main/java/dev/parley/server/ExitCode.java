package dev.parley.server;

/** How the program ends, for scripts and supervisors. A stop by SIGINT or SIGTERM is orderly and ends with 130 or 143. */
enum ExitCode {
    /** The command did what it was asked; {@code run --exit-when-done}: the federation has completed. */
    DONE(0),
    /** Something broke that nobody foresaw; the log has an incident. */
    BROKEN(1),
    /** Wrong command line or configuration, initial model or learning document; nothing was started. */
    INPUT(2),
    /** The address or port cannot be listened on. */
    LISTEN(4),
    /** The federation ended without completing, {@code --exit-when-done} only. */
    FEDERATION_FAILED(5),
    /** The data folder is in use by another coordinator, or cannot be read or written. */
    DATA_FOLDER(6),
    /** The database cannot be started, reached or used, or its journal is of other settings. */
    DATABASE(7),
    /** The policies in force do not let the federation begin. */
    POLICY(8);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
