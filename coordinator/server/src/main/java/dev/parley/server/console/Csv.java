package dev.parley.server.console;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A table as RFC 4180 writes it. Text that a spreadsheet would take for a formula is made harmless. */
final class Csv {
    private final StringBuilder text = new StringBuilder();

    Csv(String... header) {
        row(List.of(header));
    }

    void row(List<? extends @Nullable Object> cells) {
        text.append(cells.stream().map(Csv::cell).collect(Collectors.joining(",")))
                .append("\r\n");
    }

    private static String cell(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        String cell = value.toString();
        if (value instanceof String && cell.matches("(?s)[=+\\-@\\t\\r].*")) {
            cell = "'" + cell;
        }
        return cell.matches("(?s).*[\",\\r\\n].*") ? "\"" + cell.replace("\"", "\"\"") + "\"" : cell;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
