package dev.parley.privacy.dp;

/**
 * A privacy loss in nats: with probability {@code 1 - delta}, no observer's odds about one unit change by more than a
 * factor {@code e^epsilon} (Dwork and Roth 2014, definition 2.4).
 *
 * @param value 0 to positive infinity; infinity says that there is no guarantee at all
 */
public record Epsilon(double value) implements Comparable<Epsilon> {
    /** No guarantee: nothing smaller could be shown. */
    public static final Epsilon UNBOUNDED = new Epsilon(Double.POSITIVE_INFINITY);

    public Epsilon {
        if (!(value >= 0)) { // NaN too
            throw new IllegalArgumentException("an epsilon is 0 or more, got " + value);
        }
    }

    /** Whether this promises anything. */
    public boolean isBounded() {
        return value < Double.POSITIVE_INFINITY;
    }

    @Override
    public int compareTo(Epsilon other) {
        return Double.compare(value, other.value);
    }
}
