package dev.parley.privacy.update;

/**
 * Maps weighted, bounded updates to integers mod 2^32 so that sums are exact: addition on the ring is associative, so a
 * sum has the same bits whatever the order of arrival, the number of threads or nodes.
 *
 * <p>One update occupies {@code layout.size() + 1} ring elements: {@code round(scale * weight * value)} for each value,
 * then {@code round(weightScale * weight)}, so that the coordinator learns the sum of the weights and no single one.
 * Both scales are the largest powers of two at which {@code cohortLimit} updates, each within the bound, cannot wrap;
 * powers of two make encode and decode exact up to the one rounding.
 *
 * @param bound the clip norm; no single value exceeds it
 * @param cohortLimit most updates that may be added, 1 to 100,000
 */
public record FixedPointEncoding(ClipNorm bound, int cohortLimit) {
    private static final int MAX_COHORT = 100_000;
    /** Ring elements are read as signed: a sum lies in [-2^31, 2^31). */
    private static final double RING_HALF = 0x1p31;

    public FixedPointEncoding {
        if (cohortLimit < 1 || cohortLimit > MAX_COHORT) {
            throw new IllegalArgumentException("a cohort has 1 to 100,000 updates, got " + cohortLimit);
        }
        if ((RING_HALF - cohortLimit) / (bound.value() * cohortLimit) < 1) {
            throw new IllegalArgumentException("clip norm " + bound.value() + " over " + cohortLimit
                    + " updates does not fit 32 bits with a step of 1 or finer; lower the clip norm");
        }
    }

    /** Ring steps per unit of {@code weight * value}. */
    public double scale() {
        // Each term may round up by half a step: reserve one step for each member of the cohort.
        return largestPowerOfTwoBelow((RING_HALF - cohortLimit) / (bound.value() * cohortLimit));
    }

    /** Ring steps per unit of weight. */
    public double weightScale() {
        return largestPowerOfTwoBelow((RING_HALF - cohortLimit) / cohortLimit);
    }

    int[] encode(ParameterVector difference, ContributionWeight weight) {
        double scale = scale();
        // The coefficient is what decode divides by, so take the weight that the ring can represent.
        long ringWeight = Math.max(1, Math.round(weight.value() * weightScale()));
        double factor = scale * (ringWeight / weightScale());
        float[] values = difference.shared();
        int[] ring = new int[Math.addExact(values.length, 1)];
        for (int i = 0; i < values.length; i++) {
            ring[i] = (int) Math.rint(values[i] * factor);
        }
        ring[values.length] = Math.toIntExact(ringWeight);
        return ring;
    }

    private static double largestPowerOfTwoBelow(double limit) {
        return Math.scalb(1.0, Math.getExponent(limit));
    }
}
