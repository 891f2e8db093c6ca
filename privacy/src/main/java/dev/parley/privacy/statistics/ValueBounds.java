package dev.parley.privacy.statistics;

/**
 * Where values may lie; one beyond is moved to the nearer bound. Declared without looking at the records: bounds taken
 * from the data are themselves a release that nobody paid for.
 *
 * @param lower finite, below upper
 * @param upper finite
 */
public record ValueBounds(double lower, double upper) {
    public ValueBounds {
        if (!(lower < upper) || !Double.isFinite(upper - lower)) {
            throw new IllegalArgumentException(
                    "bounds are two finite numbers, lower below upper, got [" + lower + ", " + upper + "]");
        }
    }

    /** Half way between. */
    double middle() {
        return lower + width() / 2;
    }

    double width() {
        return upper - lower;
    }

    /** The value moved into the bounds; NaN to the middle, so that a missing value counts as an unremarkable one. */
    double clamp(double value) {
        return Double.isNaN(value) ? middle() : Math.clamp(value, lower, upper);
    }
}
