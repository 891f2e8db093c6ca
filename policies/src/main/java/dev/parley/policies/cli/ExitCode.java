package dev.parley.policies.cli;

/** How {@code parley policy} ends, for scripts. */
enum ExitCode {
    /** The command did what it was asked; {@code explain}: the request is allowed. */
    DONE(0),
    /** {@code test}: a case failed, or no case noticed a changed rule. {@code replay}: a verdict differs. */
    DIFFERENT(1),
    /** Wrong command line, or a file is refused; the lines say where and why. */
    INPUT(2),
    /** {@code explain}: the request is denied. */
    DENIED(4),
    /** {@code explain}: a human has to decide. */
    INCONCLUSIVE(5);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
