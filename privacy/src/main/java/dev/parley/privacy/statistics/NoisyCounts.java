package dev.parley.privacy.statistics;

import java.util.Arrays;

/**
 * Counts with noise, in the order of their bins (a table row by row). May be negative: cutting them off at 0 would bias
 * sums over sites.
 *
 * @param counts one for each bin
 * @param halfWidth all counts without noise lie within this of these, with the statistic's confidence
 */
public record NoisyCounts(long[] counts, double halfWidth) {
    public NoisyCounts {
        counts = counts.clone();
    }

    @Override
    public long[] counts() {
        return counts.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NoisyCounts that && halfWidth == that.halfWidth && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(counts) + Double.hashCode(halfWidth);
    }
}
