package dev.parley.sim.report;

import java.util.List;
import java.util.OptionalDouble;

/**
 * Rows of bars from zero to one. Orange bars are hollow, so that they differ without colour.
 *
 * @param reference a value that a line through all rows marks
 */
record BarPlot(List<Row> rows, OptionalDouble reference) implements Plot {
    private static final double BAR = 9;
    private static final double GAP = 2;
    private static final double LABEL = 20;
    private static final double BELOW = 12;

    /** @param bars one or two; an empty bar has no value and is left out */
    record Row(String label, String value, List<Bar> bars) {}

    record Bar(Ink ink, OptionalDouble value) {}

    @Override
    public void sample(Markup page, Ink ink) {
        page.empty("rect", "x", "1", "y", "4", "width", "14", "height", Markup.pixels(BAR), "class", style(ink));
    }

    private static String style(Ink ink) {
        return (ink == Ink.ORANGE ? "bar hollow " : "bar ") + ink.style();
    }

    private static double height(Row row) {
        return LABEL + row.bars().size() * (BAR + GAP) + BELOW;
    }

    @Override
    public int height() {
        return (int) (rows.stream().mapToDouble(BarPlot::height).sum() + 16);
    }

    @Override
    public void draw(Markup page) {
        Scale scale = Scale.whole();
        double top = 0;
        for (Row row : rows) {
            Plot.rowLabel(page, row.label(), row.value(), top + 14);
            double tall = row.bars().size() * (BAR + GAP) + GAP;
            Plot.track(page, scale, top + LABEL, tall);
            double y = top + LABEL + GAP;
            for (int i = 0; i < row.bars().size(); i++) {
                Bar bar = row.bars().get(i);
                if (bar.value().isPresent()) {
                    page.empty(
                            "rect",
                            "x",
                            "0",
                            "y",
                            Markup.pixels(y),
                            "width",
                            Markup.percent(scale.at(bar.value().getAsDouble())),
                            "height",
                            Markup.pixels(BAR),
                            "class",
                            style(bar.ink()));
                }
                y += BAR + GAP;
            }
            if (reference.isPresent()) {
                Plot.vertical(
                        page, scale.at(reference.getAsDouble()), top + LABEL - 2, top + LABEL + tall + 2, "reference");
            }
            top += height(row);
        }
        Plot.axis(page, scale, top + 8);
    }
}
