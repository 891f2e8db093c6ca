package dev.parley.privacy.dp.noise;

/** Draws integers of one law. Immutable: many threads may share one, each with a source of its own. */
public sealed interface NoiseSampler permits ExactSampler, TableSampler {
    /** What is drawn, and has to be accounted. */
    NoiseLaw law();

    /** How far one drawn value may be from {@link #law}: to be counted for every value. */
    StatisticalDistance distancePerValue();

    /**
     * Overwrites {@code values} from {@code from} (inclusive) to {@code to} (exclusive) with independent draws, in order.
     * How a vector is cut into calls does not change what is drawn.
     *
     * @throws IndexOutOfBoundsException if there is no such range
     */
    void fill(int[] values, int from, int to, NoiseSource source);
}
