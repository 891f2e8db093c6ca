package dev.parley.agent;

/** How the program ends, for scripts and supervisors. A stop by SIGINT or SIGTERM is orderly and ends with 130 or 143. */
enum ExitCode {
    /** The command did what it was asked; {@code run --exit-when-done}: the federation has completed. */
    DONE(0),
    /** Something broke that nobody foresaw; the log says where. */
    BROKEN(1),
    /** Wrong command line, configuration or records, or a site that is not enrolled. */
    INPUT(2),
    /** {@code enrol}: the coordinator cannot be reached; trying again may help. */
    UNREACHABLE(4),
    /** {@code run --exit-when-done}: the federation ended without completing. */
    FEDERATION_FAILED(5),
    /** The state folder is in use by another agent, or cannot be read or written. */
    STATE_FOLDER(6),
    /** The coordinator refuses this site: token, certificate, protocol version or federation. */
    REFUSED(7),
    /** The server's certificate is not from the authority that this site trusts. */
    UNTRUSTED(8),
    /** The coordinator's audit log was changed behind this site's back; see docs/AUDIT.md. */
    LOG_REFUSED(9);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
