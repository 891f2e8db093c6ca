package dev.parley.sim.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * One number over rounds. A round without a value breaks the line.
 *
 * @param rounds numbers of the rounds, ascending, at least one
 * @param values one for each round
 * @param reference a value that a level line marks
 * @param scale of the values
 */
record LinePlot(List<Integer> rounds, List<OptionalDouble> values, Ink ink, OptionalDouble reference, Scale scale)
        implements Plot {
    private static final double TALL = 190;
    private static final double TOP = 10;
    private static final int MOST_MARKS = 40;
    private static final int MOST_TICKS = 6;
    /** Width of the stretched drawing that holds the lines; its strokes do not stretch. */
    private static final double STRETCH = 1000;

    /** Of scores, which lie in [0, 1]. */
    static LinePlot ofScores(List<Integer> rounds, List<OptionalDouble> values, Ink ink, OptionalDouble reference) {
        List<Double> shown = new ArrayList<>(
                values.stream().flatMapToDouble(OptionalDouble::stream).boxed().toList());
        reference.ifPresent(shown::add);
        return new LinePlot(rounds, values, ink, reference, Scale.around(shown));
    }

    @Override
    public int height() {
        return (int) (TOP + TALL + 38);
    }

    @Override
    public void draw(Markup page) {
        Frame frame = new Frame(scale, TOP, TALL);
        frame.draw(page);
        reference.ifPresent(value -> frame.horizontal(page, value, "reference"));
        page.open(
                "svg",
                "x",
                Markup.percent(Frame.x(0)),
                "y",
                Markup.pixels(TOP),
                "width",
                Markup.percent(Frame.x(1) - Frame.x(0)),
                "height",
                Markup.pixels(TALL),
                "viewBox",
                String.format(Locale.ROOT, "0 0 %.0f %.0f", STRETCH, TALL),
                "preserveAspectRatio",
                "none",
                "class",
                "lines");
        for (List<Integer> stretch : unbroken()) {
            StringBuilder points = new StringBuilder();
            for (int i : stretch) {
                points.append(String.format(
                        Locale.ROOT,
                        "%.1f,%.1f ",
                        STRETCH * share(i),
                        TALL * (1 - scale.at(values.get(i).getAsDouble()))));
            }
            page.empty("polyline", "points", points.toString().strip(), "class", ink.style());
        }
        page.close();
        marks(page, frame);
        ticks(page);
    }

    private double share(int index) {
        return rounds.size() == 1 ? 0.5 : (double) index / (rounds.size() - 1);
    }

    private List<List<Integer>> unbroken() {
        List<List<Integer>> stretches = new ArrayList<>();
        List<Integer> current = new ArrayList<>();
        for (int i = 0; i <= values.size(); i++) {
            if (i < values.size() && values.get(i).isPresent()) {
                current.add(i);
            } else if (!current.isEmpty()) {
                stretches.add(current);
                current = new ArrayList<>();
            }
        }
        return stretches;
    }

    /** On every round if there is room, else on the last one only. */
    private void marks(Markup page, Frame frame) {
        int[] present = IntStream.range(0, rounds.size())
                .filter(i -> values.get(i).isPresent())
                .toArray();
        int from = rounds.size() <= MOST_MARKS ? 0 : Math.max(0, present.length - 1);
        for (int at = from; at < present.length; at++) {
            int i = present[at];
            ink.mark(
                    page,
                    Markup.percent(Frame.x(share(i))),
                    frame.y(values.get(i).getAsDouble()));
        }
    }

    private void ticks(Markup page) {
        int every = 1;
        for (int i = 0; rounds.size() > every * MOST_TICKS; i++) {
            // 2, 5, 10, 20, 50, ...
            every = i % 3 == 1 ? every / 2 * 5 : every * 2;
        }
        for (int i = 0; i < rounds.size(); i++) {
            if (rounds.get(i) % every != 0) {
                continue;
            }
            page.leaf(
                    "text",
                    Integer.toString(rounds.get(i)),
                    "x",
                    Markup.percent(Frame.x(share(i))),
                    "y",
                    Markup.pixels(TOP + TALL + 18),
                    "text-anchor",
                    "middle",
                    "class",
                    "tick");
        }
        page.leaf(
                "text",
                "round",
                "x",
                Markup.percent(Frame.x(1)),
                "y",
                Markup.pixels(TOP + TALL + 34),
                "text-anchor",
                "end",
                "class",
                "tick");
    }
}
