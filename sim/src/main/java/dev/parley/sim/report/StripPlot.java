package dev.parley.sim.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Many sites side by side, ascending by their first bar; two values of a site are joined. Names are in the table only.
 *
 * @param rows those of a {@link BarPlot} that would be too long
 */
record StripPlot(List<BarPlot.Row> rows, OptionalDouble reference) implements Plot {
    private static final double TALL = 200;
    private static final double TOP = 10;

    @Override
    public int height() {
        return (int) (TOP + TALL + 24);
    }

    @Override
    public void draw(Markup page) {
        List<BarPlot.Row> ordered = rows.stream()
                .filter(row -> row.bars().stream().anyMatch(bar -> bar.value().isPresent()))
                .sorted(Comparator.comparingDouble(
                        row -> row.bars().getFirst().value().orElse(0)))
                .toList();
        Frame frame = new Frame(scale(ordered), TOP, TALL);
        frame.draw(page);
        reference.ifPresent(value -> frame.horizontal(page, value, "reference"));
        for (int i = 0; i < ordered.size(); i++) {
            double x = Frame.x((i + 0.5) / ordered.size());
            List<Double> present = ordered.get(i).bars().stream()
                    .flatMap(bar -> bar.value().stream().boxed())
                    .map(frame::y)
                    .toList();
            if (present.size() > 1) {
                Plot.vertical(page, x, present.get(0), present.get(1), "join");
            }
            for (BarPlot.Bar bar : ordered.get(i).bars()) {
                bar.value().ifPresent(value -> spot(page, bar.ink(), Markup.percent(x), frame.y(value)));
            }
        }
        page.leaf(
                "text",
                "one place for each site, lowest first",
                "x",
                Markup.percent(Frame.x(1)),
                "y",
                Markup.pixels(TOP + TALL + 18),
                "text-anchor",
                "end",
                "class",
                "tick");
    }

    @Override
    public void sample(Markup page, Ink ink) {
        spot(page, ink, "8", 8);
    }

    private static void spot(Markup page, Ink ink, String x, double y) {
        String style = (ink == Ink.ORANGE ? "spot hollow " : "spot ") + ink.style();
        page.empty("circle", "cx", x, "cy", Markup.pixels(y), "r", "3", "class", style);
    }

    private Scale scale(List<BarPlot.Row> ordered) {
        List<Double> values = new ArrayList<>(ordered.stream()
                .flatMap(row -> row.bars().stream())
                .flatMap(bar -> bar.value().stream().boxed())
                .toList());
        reference.ifPresent(values::add);
        return Scale.around(values);
    }
}
