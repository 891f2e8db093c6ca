package dev.parley.sim.report;

import dev.parley.learning.evaluation.MetricIntervals;
import dev.parley.learning.evaluation.Metrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** A table of the page. A number is shown rounded and carries its exact value, the one of report.json. */
final class Table {
    private static final int HEAT_STEPS = 10;

    private final String caption;
    private final List<String> columns;
    private final List<List<Cell>> rows = new ArrayList<>();

    Table(String caption, String... columns) {
        this.caption = caption;
        this.columns = new ArrayList<>(Arrays.asList(columns));
    }

    sealed interface Cell {
        /** Heads its row when it stands first. */
        record Words(String words) implements Cell {}

        record Number(double value, String shown) implements Cell {}

        /** @param share 0 to 1, also shown as the depth of the cell's ground */
        record Heat(double share) implements Cell {}

        static Cell of(String words) {
            return new Words(words);
        }

        static Cell of(long count) {
            return new Number(count, Numerals.count(count));
        }

        static Cell score(OptionalDouble value) {
            return value.isPresent()
                    ? new Number(value.getAsDouble(), Numerals.score(value.getAsDouble()))
                    : new Words(Numerals.ABSENT);
        }

        static Cell score(double value) {
            return score(OptionalDouble.of(value));
        }

        static Cell difference(double value) {
            return new Number(value, Numerals.difference(value));
        }
    }

    Table columns(List<String> further) {
        columns.addAll(further);
        return this;
    }

    Table row(List<Cell> cells) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(
                    "a row of '" + caption + "' has " + columns.size() + " cells, got " + cells.size());
        }
        rows.add(List.copyOf(cells));
        return this;
    }

    int size() {
        return rows.size();
    }

    /** Headers of {@link #metrics}. */
    static List<String> metricColumns() {
        List<String> columns = new ArrayList<>(List.of("records"));
        Arrays.stream(Measure.values()).map(Measure::label).forEach(columns::add);
        return columns;
    }

    static List<Cell> metrics(Metrics metrics) {
        List<Cell> cells = new ArrayList<>(List.of(Cell.of(metrics.n())));
        for (Measure measure : Measure.values()) {
            cells.add(Cell.score(measure.of(metrics)));
        }
        return cells;
    }

    /** One row for each named score, under {@link #metricColumns}. */
    Table metrics(String name, Metrics metrics) {
        List<Cell> cells = new ArrayList<>(List.of(Cell.of(name)));
        cells.addAll(metrics(metrics));
        return row(cells);
    }

    /** A row of 95 % intervals, under {@link #metricColumns}. */
    Table intervals(String name, MetricIntervals intervals) {
        List<Cell> cells = new ArrayList<>(List.of(Cell.of(name), Cell.of("")));
        for (Measure measure : Measure.values()) {
            cells.add(Cell.of(measure.of(intervals).map(Numerals::interval).orElse(Numerals.ABSENT)));
        }
        return row(cells);
    }

    void write(Markup page) {
        page.open("div", "class", "scroll", "role", "region", "aria-label", caption, "tabindex", "0");
        page.open("table").leaf("caption", caption).open("thead").open("tr");
        columns.forEach(column -> page.leaf("th", column, "scope", "col"));
        page.close().close().open("tbody");
        for (List<Cell> row : rows) {
            page.open("tr");
            for (int i = 0; i < row.size(); i++) {
                write(page, row.get(i), i == 0);
            }
            page.close();
        }
        page.close().close().close();
    }

    private static void write(Markup page, Cell cell, boolean first) {
        switch (cell) {
            case Cell.Words words -> {
                if (first) {
                    page.leaf("th", words.words(), "scope", "row");
                } else {
                    page.leaf("td", words.words());
                }
            }
            case Cell.Number number ->
                page.open("td")
                        .leaf("data", number.shown(), "value", exact(number.value()))
                        .close();
            case Cell.Heat heat ->
                page.open("td", "class", "heat h" + Math.round(heat.share() * HEAT_STEPS))
                        .leaf("data", Numerals.share(heat.share()), "value", exact(heat.share()))
                        .close();
        }
    }

    private static String exact(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Folded away behind its caption. */
    void writeFolded(Markup page) {
        page.open("details").leaf("summary", "Table: " + caption);
        write(page);
        page.close();
    }
}
