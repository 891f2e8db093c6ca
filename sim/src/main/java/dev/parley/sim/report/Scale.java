package dev.parley.sim.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis with round ends and round ticks; of scores, inside [0, 1].
 *
 * @param step between ticks
 */
record Scale(double low, double high, double step) {
    private static final double[] STEPS = {0.01, 0.02, 0.05, 0.1, 0.2};
    private static final int MOST_STEPS = 6;

    /** From zero to one, for bars: their length is their value. */
    static Scale whole() {
        return new Scale(0, 1, 0.25);
    }

    /** The closest round ends around the values; the whole if there are none. */
    static Scale around(List<Double> values) {
        if (values.isEmpty()) {
            return whole();
        }
        double least = values.stream().min(Double::compare).orElseThrow();
        double most = values.stream().max(Double::compare).orElseThrow();
        for (double step : STEPS) {
            // A little air, so that no mark sits on an end unless the end is 0 or 1.
            double low = Math.max(0, Math.floor((least - step / 4) / step) * step);
            double high = Math.min(1, Math.ceil((most + step / 4) / step) * step);
            if ((high - low) / step <= MOST_STEPS + 1e-9) {
                return new Scale(low, Math.max(high, low + step), step);
            }
        }
        return new Scale(0, 1, 0.2);
    }

    /** From zero to a round number above the largest value, for amounts. */
    static Scale fromZero(double largest) {
        double step = 0.1;
        for (int i = 0; step * MOST_STEPS < largest; i++) {
            // 0.2, 0.5, 1, 2, 5, ...
            step = i % 3 == 1 ? step / 2 * 5 : step * 2;
        }
        return new Scale(0, Math.max(1, Math.ceil(largest / step)) * step, step);
    }

    /** Where a value lies, 0 to 1. */
    double at(double value) {
        return Math.clamp((value - low) / (high - low), 0, 1);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        int steps = (int) Math.round((high - low) / step);
        for (int i = 0; i <= steps; i++) {
            ticks.add(low + i * step);
        }
        return ticks;
    }

    String label(double tick) {
        return String.format(Locale.ROOT, step < 0.1 || step == 0.25 ? "%.2f" : "%.1f", tick);
    }
}
