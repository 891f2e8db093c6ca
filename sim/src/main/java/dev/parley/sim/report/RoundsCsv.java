package dev.parley.sim.report;

import dev.parley.learning.evaluation.Metrics;
import dev.parley.sim.report.RunReport.RoundEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One line a round (RFC 4180 with a header); a number that does not exist is an empty cell. */
final class RoundsCsv {
    private static final List<String> HEADER = List.of(
            "round",
            "task",
            "contributors",
            "n",
            "auroc",
            "accuracy",
            "macroF1",
            "ece",
            "brier",
            "seconds",
            "upBytes",
            "downBytes",
            "smallestSum");

    private RoundsCsv() {}

    static String text(List<RoundEntry> rounds) {
        StringBuilder text = new StringBuilder(line(HEADER));
        for (RoundEntry round : rounds) {
            List<String> cells = new ArrayList<>();
            cells.add(Integer.toString(round.round()));
            cells.add(round.task());
            cells.add(Integer.toString(round.contributors()));
            cells.add(round.pooled().map(Metrics::n).map(String::valueOf).orElse(""));
            for (Measure measure : Measure.values()) {
                cells.add(round.pooled()
                        .map(measure::of)
                        .filter(value -> value.isPresent())
                        .map(value -> Double.toString(value.getAsDouble()))
                        .orElse(""));
            }
            cells.add(Double.toString(round.seconds()));
            cells.add(Long.toString(round.upBytes()));
            cells.add(Long.toString(round.downBytes()));
            cells.add(Integer.toString(round.smallestSum()));
            text.append(line(cells));
        }
        return text.toString();
    }

    private static String line(List<String> cells) {
        return cells.stream().map(RoundsCsv::cell).collect(Collectors.joining(",")) + "\r\n";
    }

    private static String cell(String value) {
        return value.matches("[^\",\r\n]*") ? value : '"' + value.replace("\"", "\"\"") + '"';
    }
}
