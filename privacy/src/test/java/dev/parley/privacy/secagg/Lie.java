package dev.parley.privacy.secagg;

import java.util.function.Supplier;

/**
 * One lie of a malicious coordinator, told to honest sites in the messages of the protocol. What comes of it is text,
 * because a lie is told twice: to the product, and to a copy of it in another class loader from which one check is missing.
 */
abstract class Lie implements Supplier<String> {
    /** What {@link #get} begins with where a lie has reached its goal. */
    static final String REACHED = "reached: ";

    /** Tells it, and gives what the coordinator has in the end; {@link #believed} stops it where a site refuses. */
    abstract String tell();

    /** {@code refused: REASON}, {@code broken: what was promised}, or {@code reached: what the coordinator has}. */
    @Override
    public final String get() {
        try {
            return REACHED + tell();
        } catch (NotBelieved e) {
            return "refused: " + e.reason;
        } catch (IllegalStateException e) {
            return "broken: " + e.getMessage();
        }
    }

    /** What a site's step gave, if the site went on. */
    static <T> T believed(Step<T> step) {
        if (step instanceof Step.Refused<T> refused) {
            throw new NotBelieved(refused.refusal());
        }
        return ((Step.Taken<T>) step).result();
    }

    /** A goal is shown by what the coordinator computes, never by its say-so. */
    static void require(boolean shown, String goal) {
        if (!shown) {
            throw new AssertionError("the lie was believed and its goal missed: " + goal);
        }
    }

    private static final class NotBelieved extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final Refusal.Reason reason;

        NotBelieved(Refusal refusal) {
            super(refusal.toString());
            this.reason = refusal.reason();
        }
    }
}
