package dev.parley.learning.training;

/** Training was not paid for, so nothing was computed. The message says why, in numbers of the budget and not of records. */
public final class BudgetRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BudgetRefusedException(String message) {
        super(message);
    }

    BudgetRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
