package dev.parley.sim.report;

/** A drawing as wide as its column: x in shares of the width, y in pixels. */
interface Plot {
    /** Most rows that are drawn one below the other; more become one strip. */
    int MOST_ROWS = 24;

    int height();

    /** Draws inside an open {@code svg} of that height. */
    void draw(Markup page);

    /** A sample of the ink as this plot uses it, in a square of 16 pixels. */
    default void sample(Markup page, Ink ink) {
        ink.mark(page, "8", 8);
    }

    /** A name short enough to stand beside its number on a narrow screen; the table has it whole. */
    static String shortened(String name) {
        int most = 24;
        return name.codePointCount(0, name.length()) <= most
                ? name
                : name.substring(0, name.offsetByCodePoints(0, most - 1)) + "\u2026";
    }

    /** Tick labels under rows of tracks. */
    static void axis(Markup page, Scale scale, double y) {
        for (double tick : scale.ticks()) {
            double at = scale.at(tick);
            String anchor = at < 0.02 ? "start" : at > 0.98 ? "end" : "middle";
            page.leaf(
                    "text",
                    scale.label(tick),
                    "x",
                    Markup.percent(at),
                    "y",
                    Markup.pixels(y),
                    "text-anchor",
                    anchor,
                    "class",
                    "tick");
        }
    }

    /** The ground that a row's marks lie on, with a line at each tick. */
    static void track(Markup page, Scale scale, double top, double height) {
        page.empty(
                "rect",
                "x",
                "0",
                "y",
                Markup.pixels(top),
                "width",
                "100%",
                "height",
                Markup.pixels(height),
                "rx",
                "3",
                "class",
                "track");
        for (double tick : scale.ticks()) {
            double at = scale.at(tick);
            if (at > 0.001 && at < 0.999) {
                vertical(page, at, top, top + height, "grid");
            }
        }
    }

    static void vertical(Markup page, double at, double from, double to, String style) {
        String x = Markup.percent(at);
        page.empty("line", "x1", x, "x2", x, "y1", Markup.pixels(from), "y2", Markup.pixels(to), "class", style);
    }

    static void rowLabel(Markup page, String label, String value, double y) {
        page.leaf("text", shortened(label), "x", "0", "y", Markup.pixels(y), "class", "label");
        page.leaf("text", value, "x", "100%", "y", Markup.pixels(y), "text-anchor", "end", "class", "value");
    }
}
