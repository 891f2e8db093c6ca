package dev.parley.learning.record;

/**
 * A data set cannot be used: its manifest or one of its files breaks a rule that concerns the whole, or a row breaks
 * one and loading is strict. The message is one line: where, rule, expected, got, what to do; never a text value of a
 * record.
 */
public final class DatasetException extends Exception {
    private static final long serialVersionUID = 1;

    DatasetException(String message) {
        super(message);
    }
}
