package dev.parley.privacy.dp.accounting;

/**
 * An accountant has no sound analysis for a mechanism under a neighbouring relation. Its message says which, why, and what
 * would do instead.
 */
public final class NoAnalysisException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    NoAnalysisException(String message) {
        super(message);
    }
}
