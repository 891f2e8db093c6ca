package dev.parley.sim.report;

import dev.parley.learning.evaluation.MetricIntervals.Interval;
import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers as people read them. The same number is written the same way everywhere in a report. */
final class Numerals {
    static final String ABSENT = "-";

    private Numerals() {}

    static String score(double value) {
        return String.format(Locale.ROOT, "%.3f", value + 0.0);
    }

    static String score(OptionalDouble value) {
        return value.isPresent() ? score(value.getAsDouble()) : ABSENT;
    }

    static String interval(Interval interval) {
        return score(interval.low()) + " to " + score(interval.high());
    }

    /** With a sign unless it rounds to zero; the minus is the typographic one. */
    static String difference(double value) {
        String magnitude = score(Math.abs(value));
        if (magnitude.equals("0.000")) {
            return magnitude;
        }
        return (value < 0 ? "\u2212" : "+") + magnitude;
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String count(long value, String one, String many) {
        return count(value) + " " + (value == 1 ? one : many);
    }

    static String share(double value) {
        return String.format(Locale.ROOT, "%.0f%%", 100 * value);
    }

    /** Decimal multiples. */
    static String bytes(long value) {
        if (value < 1_000) {
            return value + " B";
        }
        if (value < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f kB", value / 1e3);
        }
        return value < 1_000_000_000
                ? String.format(Locale.ROOT, "%.1f MB", value / 1e6)
                : String.format(Locale.ROOT, "%.2f GB", value / 1e9);
    }

    static String duration(double seconds) {
        if (seconds < 100) {
            return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d min %d s", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d h %d min", whole / 3600, whole % 3600 / 60);
    }
}
