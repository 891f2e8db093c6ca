package dev.parley.privacy.dp;

/**
 * The probability with which each unit enters one step, drawn independently of every other (Poisson sampling). Going
 * through a shuffled dataset in batches is not this: its steps depend on each other, and this rate's accounting is wrong
 * for it.
 *
 * @param value greater than 0, at most 1; at 1 every unit is in every step
 */
public record SamplingRate(double value) implements Comparable<SamplingRate> {
    /** Every unit, every step. */
    public static final SamplingRate EVERYONE = new SamplingRate(1);

    public SamplingRate {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    "a sampling rate is a probability greater than 0 and at most 1, got " + value);
        }
    }

    @Override
    public int compareTo(SamplingRate other) {
        return Double.compare(value, other.value);
    }
}
