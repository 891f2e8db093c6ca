package dev.parley.learning.evaluation;

import java.util.Optional;

/**
 * 95 % bootstrap intervals of the metrics.
 *
 * @param auroc empty if the records have no AUROC
 */
public record MetricIntervals(Optional<Interval> auroc, Interval accuracy, Interval macroF1, Interval ece) {
    /** Both ends belong to it; {@code low <= high}, both finite. */
    public record Interval(double low, double high) {
        public Interval {
            if (!(low <= high) || !Double.isFinite(low) || !Double.isFinite(high)) {
                throw new IllegalArgumentException(
                        "an interval has finite ends, low <= high, got " + low + " to " + high);
            }
        }
    }
}
