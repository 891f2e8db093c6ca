package dev.parley.sim.report;

/** The ground of plots with an upright axis: lines at the ticks, their labels in the left margin. */
record Frame(Scale scale, double top, double tall) {
    private static final double LEFT = 0.11;
    private static final double RIGHT = 0.98;

    static double x(double share) {
        return LEFT + share * (RIGHT - LEFT);
    }

    double y(double value) {
        return top + tall * (1 - scale.at(value));
    }

    void draw(Markup page) {
        for (double tick : scale.ticks()) {
            horizontal(page, tick, "rule");
            page.leaf(
                    "text",
                    scale.label(tick),
                    "x",
                    Markup.percent(LEFT - 0.02),
                    "y",
                    Markup.pixels(y(tick) + 4),
                    "text-anchor",
                    "end",
                    "class",
                    "tick");
        }
    }

    void horizontal(Markup page, double value, String style) {
        String y = Markup.pixels(y(value));
        page.empty("line", "x1", Markup.percent(LEFT), "x2", Markup.percent(RIGHT), "y1", y, "y2", y, "class", style);
    }
}
