package dev.parley.privacy.statistics;

/**
 * Where a number without noise must lie if each of the numbers that it is made from lies where it is said to.
 *
 * @param lower at most upper
 */
record Interval(double lower, double upper) {
    static Interval around(double middle, double halfWidth) {
        return new Interval(middle - halfWidth, middle + halfWidth);
    }

    /** This divided by a number of records, which is 1 or more: of none, nothing is asked. */
    Interval over(Interval records) {
        double fewest = Math.max(1, records.lower);
        double most = Math.max(1, records.upper);
        return new Interval(Math.min(lower / fewest, lower / most), Math.max(upper / fewest, upper / most));
    }

    Interval widened(double by) {
        return new Interval(lower - by, upper + by);
    }

    Interval within(double least, double most) {
        return new Interval(Math.clamp(lower, least, most), Math.clamp(upper, least, most));
    }

    /** @param factor positive */
    Interval times(double factor) {
        return new Interval(lower * factor, upper * factor);
    }

    Interval minus(Interval other) {
        return new Interval(lower - other.upper, upper - other.lower);
    }

    Interval squared() {
        double low = lower * lower;
        double high = upper * upper;
        return new Interval(lower <= 0 && upper >= 0 ? 0 : Math.min(low, high), Math.max(low, high));
    }

    double furthestFrom(double number) {
        return Math.max(Math.abs(upper - number), Math.abs(number - lower));
    }
}
