package dev.parley.sim.report;

import dev.parley.learning.evaluation.MetricIntervals.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Rows of dots with whiskers on one axis, which need not begin at zero.
 *
 * @param reference a value that a line through all rows marks
 */
record DotPlot(List<Row> rows, OptionalDouble reference) implements Plot {
    private static final double ROW = 46;
    private static final double TRACK = 18;
    private static final double TRACK_TOP = 20;

    /**
     * @param value its numbers as text
     * @param faint further values, drawn small behind the marks
     */
    record Row(String label, String value, List<Mark> marks, List<Double> faint) {}

    record Mark(Ink ink, double at, Optional<Interval> whisker) {}

    @Override
    public int height() {
        return (int) (rows.size() * ROW + 18);
    }

    private Scale scale() {
        List<Double> values = new ArrayList<>();
        reference.ifPresent(values::add);
        for (Row row : rows) {
            values.addAll(row.faint());
            for (Mark mark : row.marks()) {
                values.add(mark.at());
                mark.whisker().ifPresent(interval -> {
                    values.add(interval.low());
                    values.add(interval.high());
                });
            }
        }
        return Scale.around(values);
    }

    @Override
    public void draw(Markup page) {
        Scale scale = scale();
        double top = 0;
        for (Row row : rows) {
            Plot.rowLabel(page, row.label(), row.value(), top + 14);
            Plot.track(page, scale, top + TRACK_TOP, TRACK);
            double y = top + TRACK_TOP + TRACK / 2;
            if (reference.isPresent()) {
                Plot.vertical(
                        page, scale.at(reference.getAsDouble()), top + TRACK_TOP, top + TRACK_TOP + TRACK, "reference");
            }
            for (double value : row.faint()) {
                page.empty(
                        "circle",
                        "cx",
                        Markup.percent(scale.at(value)),
                        "cy",
                        Markup.pixels(y),
                        "r",
                        "3",
                        "class",
                        "faint");
            }
            for (Mark mark : row.marks()) {
                mark.whisker().ifPresent(interval -> whisker(page, scale, mark.ink(), interval, y));
                mark.ink().mark(page, Markup.percent(scale.at(mark.at())), y);
            }
            top += ROW;
        }
        Plot.axis(page, scale, top + 10);
    }

    private static void whisker(Markup page, Scale scale, Ink ink, Interval interval, double y) {
        String style = "whisker " + ink.style();
        page.empty(
                "line",
                "x1",
                Markup.percent(scale.at(interval.low())),
                "x2",
                Markup.percent(scale.at(interval.high())),
                "y1",
                Markup.pixels(y),
                "y2",
                Markup.pixels(y),
                "class",
                style);
        Plot.vertical(page, scale.at(interval.low()), y - 4, y + 4, style);
        Plot.vertical(page, scale.at(interval.high()), y - 4, y + 4, style);
    }
}
