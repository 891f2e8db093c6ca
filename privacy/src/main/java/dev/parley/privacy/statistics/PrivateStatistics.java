package dev.parley.privacy.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Statistics of one site's records under differential privacy.
 *
 * <p>Everything is integers: values are clamped to their declared bounds and laid on a grid of 2^20 steps, then counted
 * or summed exactly, then given discrete Gaussian noise. So nothing here depends on the rounding of floating point, and
 * the same sums can be added over sites. Cost: never above the {@link Rho} that is asked for, and reported as the
 * mechanism's own map says it.
 *
 * <p>Half widths cover noise and, but for sums, the grid. They are wide where the noise drowns the answer, and say so.
 */
public final class PrivateStatistics {
    /** Steps of the grid on either side of its middle: rounding moves a value by at most a 2^-20th of its bounds. */
    private static final int HALF_GRID = 1 << 19;

    /** Squares are laid on as many steps as the values. */
    private static final long SQUARE_STEP = (long) HALF_GRID * HALF_GRID / (1 << 20);

    /** Sigma up to which widths of intervals are added up. */
    private static final double WIDE = 1000;

    /** Bins of the histogram behind quantiles. */
    private static final int QUANTILE_BINS = 256;

    /** Most bins of a histogram or cells of a table. */
    private static final int MOST_BINS = 1 << 16;

    private final IntegerMechanism mechanism;
    private final ProtectedUnit unit;
    private final Confidence confidence;

    /** @param mechanism borrowed: whoever opened it closes it */
    public PrivateStatistics(IntegerMechanism mechanism, ProtectedUnit unit, Confidence confidence) {
        this.mechanism = mechanism;
        this.unit = unit;
        this.confidence = confidence;
    }

    /** How many records there are. */
    public PrivateStatistic<Estimate> count(int records, Rho budget) {
        Release count = counts(new int[records], 1, budget);
        return statistic("count", count.cost, new Estimate(count.values[0], width(count.scale, 1)));
    }

    /**
     * The sum of values, each moved into its bounds. The half width is the noise's: the grid may add a 2^-20th of the
     * larger bound for each record, and how many there are is not said here.
     */
    public PrivateStatistic<Estimate> sum(double[] values, ValueBounds bounds, Rho budget) {
        double step = Math.max(Math.abs(bounds.lower()), Math.abs(bounds.upper())) / HALF_GRID;
        long[] grid = Arrays.stream(values)
                .mapToLong(value -> Math.round(bounds.clamp(value) / step))
                .toArray();
        Release sum = sum(grid, HALF_GRID, budget);
        return statistic("sum", sum.cost, new Estimate(sum.values[0] * step, width(sum.scale, 1) * step));
    }

    /** The mean of values, each moved into its bounds; of no values, anything within the bounds. */
    public PrivateStatistic<Estimate> mean(double[] values, ValueBounds bounds, Rho budget) {
        Rho part = budget.dividedBy(2);
        double step = step(bounds);
        Release count = counts(new int[values.length], 1, part);
        Release sum = sum(grid(values, bounds), HALF_GRID, part);
        Interval mean = Interval.around(sum.values[0], width(sum.scale, 2))
                .over(Interval.around(count.values[0], width(count.scale, 2)))
                .widened(0.5)
                .within(-HALF_GRID, HALF_GRID);
        double estimate = Math.clamp(sum.values[0] / Math.max(1.0, count.values[0]), -HALF_GRID, HALF_GRID);
        return statistic(
                "mean",
                count.cost.plus(sum.cost),
                new Estimate(bounds.middle() + estimate * step, mean.furthestFrom(estimate) * step));
    }

    /** The variance of values (divided by their number), each moved into its bounds. */
    public PrivateStatistic<Estimate> variance(double[] values, ValueBounds bounds, Rho budget) {
        Rho part = budget.dividedBy(3);
        double step = step(bounds);
        long[] grid = grid(values, bounds);
        long[] squares = Arrays.stream(grid)
                .map(y -> Math.round((double) (y * y) / SQUARE_STEP))
                .toArray();
        Release count = counts(new int[values.length], 1, part);
        Release sum = sum(grid, HALF_GRID, part);
        Release square = sum(squares, 1 << 20, part);
        Interval number = Interval.around(count.values[0], width(count.scale, 3));
        Interval mean = Interval.around(sum.values[0], width(sum.scale, 3))
                .over(number)
                .widened(0.5)
                .within(-HALF_GRID, HALF_GRID);
        Interval meanSquare = Interval.around(square.values[0], width(square.scale, 3))
                .over(number)
                .widened(0.5)
                .within(0, 1 << 20)
                .times(SQUARE_STEP);
        Interval variance = meanSquare.minus(mean.squared()).within(0, (double) HALF_GRID * HALF_GRID);
        double divisor = Math.max(1.0, count.values[0]);
        double meanEstimate = sum.values[0] / divisor;
        double estimate = Math.clamp(
                square.values[0] / divisor * SQUARE_STEP - meanEstimate * meanEstimate,
                0,
                (double) HALF_GRID * HALF_GRID);
        return statistic(
                "variance",
                count.cost.plus(sum.cost).plus(square.cost),
                new Estimate(estimate * step * step, variance.furthestFrom(estimate) * step * step));
    }

    /**
     * Counts between edges: bin i holds values from edge i - 1 (or below all) up to but without edge i; NaN counts in
     * the first.
     *
     * @param edges ascending, 1 to 65,535, declared without looking at the records
     */
    public PrivateStatistic<NoisyCounts> histogram(double[] values, double[] edges, Rho budget) {
        requireAscending(edges);
        int[] bins = Arrays.stream(values).mapToInt(value -> bin(value, edges)).toArray();
        return counted("histogram", counts(bins, edges.length + 1, budget));
    }

    /**
     * Counts of pairs of categories, row by row. A category outside its range counts as the nearest: an error would
     * tell something about one record.
     *
     * @param rows for each record its row, 0 to rowCount - 1
     * @param columns for each record its column, 0 to columnCount - 1
     */
    public PrivateStatistic<NoisyCounts> contingencyTable(
            int[] rows, int rowCount, int[] columns, int columnCount, Rho budget) {
        if (rows.length != columns.length
                || rowCount < 1
                || columnCount < 1
                || (long) rowCount * columnCount > MOST_BINS) {
            throw new IllegalArgumentException("a table has a row and a column for each record and 1 to " + MOST_BINS
                    + " cells, got " + rows.length + " rows, " + columns.length + " columns, " + rowCount + " x "
                    + columnCount + " cells");
        }
        int[] cells = new int[rows.length];
        for (int record = 0; record < rows.length; record++) {
            cells[record] = Math.clamp(rows[record], 0, rowCount - 1) * columnCount
                    + Math.clamp(columns[record], 0, columnCount - 1);
        }
        return counted("contingency table", counts(cells, rowCount * columnCount, budget));
    }

    /**
     * Quantiles, all from one histogram of {@value #QUANTILE_BINS} equal bins, so that one more costs nothing. Sums of
     * k noises are sub-Gaussian of variance proxy k sigma^2 (Canonne, Kamath and Steinke 2020), which bounds all
     * running totals at once.
     *
     * @param levels each in (0, 1)
     */
    public PrivateStatistic<List<Quantile>> quantiles(
            double[] values, double[] levels, ValueBounds bounds, Rho budget) {
        if (levels.length == 0 || Arrays.stream(levels).anyMatch(level -> !(level > 0 && level < 1))) {
            throw new IllegalArgumentException("levels of quantiles are in (0, 1), got " + Arrays.toString(levels));
        }
        double width = bounds.width() / QUANTILE_BINS;
        int[] bins = Arrays.stream(values)
                .mapToInt(value -> (int) Math.min(QUANTILE_BINS - 1, (bounds.clamp(value) - bounds.lower()) / width))
                .toArray();
        Release counts = counts(bins, QUANTILE_BINS, budget);
        long[] totals = counts.values.clone();
        Arrays.parallelPrefix(totals, Long::sum);
        List<Quantile> quantiles = new ArrayList<>();
        for (double level : levels) {
            quantiles.add(quantile(level, totals, counts.scale, bounds, width));
        }
        return statistic("quantiles", counts.cost, List.copyOf(quantiles));
    }

    private Quantile quantile(double level, long[] totals, double scale, ValueBounds bounds, double width) {
        double number = totals[QUANTILE_BINS - 1];
        // F(bin) - level N has the noise of bins on both sides of it, each counted at most once.
        double error = scale * Math.sqrt(2.0 * QUANTILE_BINS * Math.log(2 / confidence.alpha(QUANTILE_BINS)));
        int at = QUANTILE_BINS - 1;
        int first = -1;
        int last = QUANTILE_BINS - 1;
        for (int bin = QUANTILE_BINS - 1; bin >= 0; bin--) {
            double above = totals[bin] - level * number;
            at = above >= 0 ? bin : at;
            last = above - error >= 0 ? bin : last;
            first = first < 0 && above + error < 0 ? bin + 1 : first;
        }
        return new Quantile(
                level,
                bounds.lower() + (at + 0.5) * width,
                bounds.lower() + Math.max(first, 0) * width,
                bounds.lower() + (last + 1) * width);
    }

    private record Release(long[] values, Rho cost, double scale) {}

    private Release counts(int[] categories, int size, Rho budget) {
        double scale = scale(unit.distance(), budget);
        IntegerMechanism.Noisy noisy = mechanism.counts(categories, size, unit.distance(), scale);
        return released(noisy, scale, budget);
    }

    private Release sum(long[] values, long bound, Rho budget) {
        double scale = scale((double) bound * unit.distance(), budget);
        return released(mechanism.sum(values, bound, unit.distance(), scale), scale, budget);
    }

    private static Release released(IntegerMechanism.Noisy noisy, double scale, Rho budget) {
        if (noisy.cost().value() > budget.value()) {
            throw new IllegalStateException("a release cost rho " + noisy.cost().value() + " where " + budget.value()
                    + " were asked for; it is not handed out");
        }
        return new Release(noisy.values(), noisy.cost(), scale);
    }

    /** sigma = s / sqrt(2 rho), a trifle more so that no rounding can put the cost above the budget. */
    private static double scale(double sensitivity, Rho budget) {
        return sensitivity / Math.sqrt(2 * budget.value()) * (1 + 1e-9);
    }

    /**
     * Half width of noise. Widths are found by adding up masses, which takes time in proportion to sigma; for a large
     * one it is taken from sigma = {@value #WIDE}. The tail of a discrete Gaussian beyond m is below that of the
     * continuous one beyond m - 1 (Canonne, Kamath and Steinke 2020, proposition 25), which scales, and the continuous
     * below the discrete one beyond the same m, being an integral below its sum. Wider than need be by a thousandth.
     */
    private double width(double scale, int statements) {
        double alpha = confidence.alpha(statements);
        return scale <= WIDE
                ? mechanism.halfWidth(scale, alpha)
                : Math.ceil(scale / WIDE * mechanism.halfWidth(WIDE, alpha)) + 1;
    }

    private PrivateStatistic<NoisyCounts> counted(String name, Release release) {
        return statistic(
                name, release.cost, new NoisyCounts(release.values, width(release.scale, release.values.length)));
    }

    private <A> PrivateStatistic<A> statistic(String name, Rho cost, A answer) {
        return new PrivateStatistic<>(name, unit, cost, confidence, mechanism.description(), answer);
    }

    private static double step(ValueBounds bounds) {
        return bounds.width() / 2 / HALF_GRID;
    }

    private static long[] grid(double[] values, ValueBounds bounds) {
        double step = step(bounds);
        return Arrays.stream(values)
                .mapToLong(value ->
                        Math.clamp(Math.round((bounds.clamp(value) - bounds.middle()) / step), -HALF_GRID, HALF_GRID))
                .toArray();
    }

    private static int bin(double value, double[] edges) {
        int found = Double.isNaN(value) ? -1 : Arrays.binarySearch(edges, value);
        return Double.isNaN(value) ? 0 : found >= 0 ? found + 1 : -found - 1;
    }

    private static void requireAscending(double[] edges) {
        boolean ascending = edges.length >= 1 && edges.length < MOST_BINS && Double.isFinite(edges[0]);
        for (int i = 1; ascending && i < edges.length; i++) {
            ascending = edges[i - 1] < edges[i] && Double.isFinite(edges[i]);
        }
        if (!ascending) {
            throw new IllegalArgumentException("edges are 1 to " + (MOST_BINS - 1)
                    + " finite numbers, each above the one before, got " + edges.length + " that are not");
        }
    }
}
