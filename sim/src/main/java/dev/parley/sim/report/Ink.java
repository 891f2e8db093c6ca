package dev.parley.sim.report;

import java.util.Locale;

/** A colour with a shape of its own, so that no plot is read by colour alone. Names are classes of the style sheet. */
enum Ink {
    BLUE,
    ORANGE,
    GREEN;

    private static final double SIZE = 5.5;

    String style() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mark with its centre at the given place: circle, diamond or square. */
    void mark(Markup page, String x, double y) {
        page.open("svg", "x", x, "y", Markup.pixels(y), "class", "mark " + style());
        switch (this) {
            case BLUE -> page.empty("circle", "r", Markup.pixels(SIZE));
            case ORANGE -> page.empty("path", "d", "M0 -6.5L6.5 0L0 6.5L-6.5 0z");
            case GREEN -> page.empty("rect", "x", "-5", "y", "-5", "width", "10", "height", "10");
        }
        page.close();
    }

    /** What an ink of a plot stands for. */
    record Key(Ink ink, String meaning) {}
}
