package dev.parley.sim.report;

import java.util.List;
import java.util.Locale;

/**
 * Epsilon over steps as one SVG file that needs nothing else and follows the reader's light or dark setting.
 *
 * @param points ascending in steps, at least one, every epsilon finite
 */
public record EpsilonPlot(String title, List<Point> points) {
    private static final double WIDTH = 760;
    private static final double HEIGHT = 420;
    private static final double LEFT = 64;
    private static final double RIGHT = 20;
    private static final double TOP = 56;
    private static final double BOTTOM = 56;
    private static final double[] ROUND = {1, 2, 2.5, 5, 10};
    private static final int TICKS = 5;

    private static final String STYLE = """
            .ground{fill:#fff}text{font:14px system-ui,sans-serif;fill:#333}.title{font-size:17px;font-weight:600;fill:#111}
            .grid{stroke:#ddd}.axis{stroke:#888}.claim{fill:none;stroke:#1f5fa8;stroke-width:2.5}
            .other{fill:none;stroke:#a84b00;stroke-width:2;stroke-dasharray:7 5}
            .claimed{fill:#1f5fa8;font-weight:600}.compared{fill:#a84b00}
            @media (prefers-color-scheme:dark){.ground{fill:#14171a}text{fill:#c9d1d9}.title{fill:#f0f3f6}.grid{stroke:#2f363d}
            .axis{stroke:#7d8590}.claim{stroke:#6cb0ff}.other{stroke:#ffa657}.claimed{fill:#6cb0ff}.compared{fill:#ffa657}}
            """;

    public EpsilonPlot {
        points = List.copyOf(points);
        if (points.isEmpty()) {
            throw new IllegalArgumentException("a plot has one point or more");
        }
    }

    /**
     * @param claimed the upper bound of the privacy loss distribution
     * @param renyi what accounting by Rényi divergence would claim
     */
    public record Point(long steps, double claimed, double renyi) {}

    /** The file's text. */
    public String svg() {
        double most = points.stream()
                .mapToDouble(it -> Math.max(it.claimed, it.renyi))
                .max()
                .orElseThrow();
        double step = round(Math.max(most, 1e-9) / TICKS);
        double top = Math.ceil(most / step) * step;
        long last = points.getLast().steps;
        var page = new Markup();
        page.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                String.format(Locale.ROOT, "0 0 %.0f %.0f", WIDTH, HEIGHT),
                "role",
                "img",
                "aria-labelledby",
                "t d");
        page.leaf("title", title, "id", "t");
        page.leaf("desc", description(), "id", "d");
        page.style(STYLE);
        page.empty("rect", "width", "100%", "height", "100%", "class", "ground");
        page.leaf("text", title, "x", Markup.pixels(LEFT), "y", "28", "class", "title");
        for (int i = 0; i * step <= top + step / 2; i++) {
            rule(page, i * step, y(i * step, top), step);
        }
        for (int i = 0; i <= TICKS; i++) {
            long steps = Math.round((double) last * i / TICKS);
            text(page, String.format(Locale.ROOT, "%,d", steps), x(steps, last), HEIGHT - 32, "middle", "tick");
        }
        text(page, "steps", WIDTH - RIGHT, HEIGHT - 10, "end", "tick");
        text(page, "epsilon", LEFT, TOP - 8, "end", "tick");
        curve(page, "other", top, last, false);
        curve(page, "claim", top, last, true);
        text(page, "by Rényi divergence", x(last, last) - 8, y(points.getLast().renyi, top) - 10, "end", "compared");
        text(page, "claimed (pld)", x(last, last) - 8, y(points.getLast().claimed, top) + 24, "end", "claimed");
        page.close();
        return page.standalone();
    }

    private String description() {
        Point last = points.getLast();
        return String.format(
                Locale.ROOT,
                "Epsilon rises with the number of steps, to %.3g after %,d; accounted by Rényi divergence it would be %.3g.",
                last.claimed,
                last.steps,
                last.renyi);
    }

    private void curve(Markup page, String style, double top, long last, boolean claimed) {
        var line = new StringBuilder();
        for (Point point : points) {
            line.append(String.format(
                    Locale.ROOT, "%.1f,%.1f ", x(point.steps, last), y(claimed ? point.claimed : point.renyi, top)));
        }
        page.empty("polyline", "points", line.toString().strip(), "class", style);
    }

    private static void rule(Markup page, double value, double y, double step) {
        page.empty(
                "line",
                "x1",
                Markup.pixels(LEFT),
                "x2",
                Markup.pixels(WIDTH - RIGHT),
                "y1",
                Markup.pixels(y),
                "y2",
                Markup.pixels(y),
                "class",
                value == 0 ? "axis" : "grid");
        int digits = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9) + (step * 10 % 5 == 0 && step < 1 ? 1 : 0));
        text(
                page,
                String.format(Locale.ROOT, "%." + Math.min(8, digits) + "f", value),
                LEFT - 10,
                y + 5,
                "end",
                "tick");
    }

    private static void text(Markup page, String words, double x, double y, String anchor, String style) {
        page.leaf("text", words, "x", Markup.pixels(x), "y", Markup.pixels(y), "text-anchor", anchor, "class", style);
    }

    private static double x(double steps, double last) {
        return LEFT + (WIDTH - LEFT - RIGHT) * steps / last;
    }

    private static double y(double epsilon, double top) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * epsilon / top;
    }

    private static double round(double least) {
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (double factor : ROUND) {
            if (factor * power >= least * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }
}
