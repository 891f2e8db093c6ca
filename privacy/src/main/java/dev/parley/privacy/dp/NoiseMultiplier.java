package dev.parley.privacy.dp;

/**
 * Standard deviation of the noise over the L2 sensitivity of what it covers, where the sensitivity is what adding or
 * removing one unit can change (the clip norm, for DP-SGD).
 *
 * @param value greater than 0 and finite; no noise is not a small multiplier but another mechanism
 */
public record NoiseMultiplier(double value) implements Comparable<NoiseMultiplier> {
    public NoiseMultiplier {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a noise multiplier is greater than 0 and finite, got " + value);
        }
    }

    @Override
    public int compareTo(NoiseMultiplier other) {
        return Double.compare(value, other.value);
    }
}
