package dev.parley.privacy.update;

/**
 * How much one site's update counts in the weighted mean, as a share of the federation's cap: {@code min(examples, cap)
 * / cap}, in (0, 1]. The cap bounds what one site can contribute.
 */
public record ContributionWeight(double value) {
    public ContributionWeight {
        if (!(value > 0) || value > 1) {
            throw new IllegalArgumentException("a contribution weight lies in (0, 1], got " + value);
        }
    }

    /**
     * @param examples training examples behind the update, at least 1
     * @param cap the federation's cap on examples that count for one site, at least 1
     */
    public static ContributionWeight of(long examples, long cap) {
        if (examples < 1 || cap < 1) {
            throw new IllegalArgumentException("examples and cap are at least 1, got " + examples + " and " + cap);
        }
        return new ContributionWeight((double) Math.min(examples, cap) / cap);
    }
}
