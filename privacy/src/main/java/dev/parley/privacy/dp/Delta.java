package dev.parley.privacy.dp;

/**
 * The probability with which a promise of epsilon may fail. A mechanism that publishes one record in full with
 * probability delta satisfies it, so delta stays far below one over the number of units.
 *
 * @param value 0 to 1; 0 is pure differential privacy, 1 promises nothing
 */
public record Delta(double value) implements Comparable<Delta> {
    /** Pure differential privacy: the promise never fails. */
    public static final Delta ZERO = new Delta(0);

    public Delta {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("a delta is a probability, 0 to 1, got " + value);
        }
    }

    @Override
    public int compareTo(Delta other) {
        return Double.compare(value, other.value);
    }
}
