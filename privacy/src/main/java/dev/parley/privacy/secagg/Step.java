package dev.parley.privacy.secagg;

/**
 * What a transition gave.
 *
 * @param <T> what comes of it when it is allowed
 */
public sealed interface Step<T> {
    /** It is allowed. */
    record Taken<T>(T result) implements Step<T> {}

    /** It is not; the state before it is spent. */
    record Refused<T>(Refusal refusal) implements Step<T> {}

    static <T> Step<T> refused(Refusal.Reason reason, String detail) {
        return new Refused<>(new Refusal(reason, detail));
    }
}
