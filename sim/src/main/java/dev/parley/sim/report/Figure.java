package dev.parley.sim.report;

import java.util.List;
import java.util.Optional;

/**
 * A plot with its name, the meaning of its marks, and the table of the same numbers.
 *
 * @param description the plot in words, for who does not see it
 * @param reference what the plot's reference line means, if it has one
 */
record Figure(String name, String description, List<Ink.Key> keys, Optional<String> reference, Plot plot, Table table) {
    void write(Markup page) {
        String title = page.identifier("title");
        String description = page.identifier("description");
        page.open("figure").leaf("figcaption", name);
        legend(page);
        page.open(
                "svg",
                "class",
                "plot",
                "role",
                "img",
                "aria-labelledby",
                title + " " + description,
                "width",
                "100%",
                "height",
                Integer.toString(plot.height()));
        page.leaf("title", name, "id", title).leaf("desc", this.description, "id", description);
        plot.draw(page);
        page.close();
        table.writeFolded(page);
        page.close();
    }

    private void legend(Markup page) {
        if (keys.isEmpty() && reference.isEmpty()) {
            return;
        }
        page.open("ul", "class", "legend");
        for (Ink.Key key : keys) {
            page.open("li").open("svg", "width", "16", "height", "16", "aria-hidden", "true");
            plot.sample(page, key.ink());
            page.close().text(key.meaning()).close();
        }
        reference.ifPresent(meaning -> page.open("li")
                .open("svg", "width", "16", "height", "16", "aria-hidden", "true")
                .empty("line", "x1", "0", "x2", "16", "y1", "8", "y2", "8", "class", "reference")
                .close()
                .text(meaning)
                .close());
        page.close();
    }
}
