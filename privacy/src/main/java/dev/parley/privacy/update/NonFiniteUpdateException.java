package dev.parley.privacy.update;

/** Training diverged: the update holds NaN or an infinity, and must not be released. */
public final class NonFiniteUpdateException extends RuntimeException {
    NonFiniteUpdateException(int index) {
        super("the update is not finite at value " + index
                + ": training diverged. Lower the learning rate, or check the site's records for extreme values");
    }
}
