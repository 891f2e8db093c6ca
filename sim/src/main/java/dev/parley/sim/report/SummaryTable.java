package dev.parley.sim.report;

import dev.parley.learning.evaluation.MetricIntervals;
import dev.parley.learning.evaluation.Metrics;
import dev.parley.sim.report.RunReport.Scored;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The result as a terminal shows it when a run has ended: plain ASCII, columns in line. */
public final class SummaryTable {
    private static final int MOST_LABEL = 44;
    private static final int MOST_SITES = 16;

    private SummaryTable() {}

    /** Ends in a line break. What the run did not compute has no row; a number that does not exist is a hyphen. */
    public static String of(RunReport report) {
        List<Line> lines = new ArrayList<>();
        lines.add(Line.columns(records(report.finalScores())));
        lines.add(Line.row("federated", report.finalScores()));
        report.local().ifPresent(local -> lines.add(Line.row("mean of single sites", local.mean())));
        report.bestSite().ifPresent(best -> lines.add(Line.row("best single site: " + best.getKey(), best.getValue())));
        report.central().ifPresent(central -> lines.add(Line.row("pooled training", central)));
        details(lines, report, report.finalScores());
        report.eval().ifPresent(eval -> {
            lines.add(Line.BLANK);
            lines.add(Line.columns(records(eval)));
            lines.add(Line.row("federated", eval));
            details(lines, report, eval);
        });
        lines.add(Line.BLANK);
        lines.add(new Line(protection(report), List.of()));
        int width = Math.min(
                MOST_LABEL,
                lines.stream()
                        .filter(line -> !line.cells().isEmpty())
                        .mapToInt(line -> line.label().length())
                        .max()
                        .orElse(0));
        return lines.stream().map(line -> line.text(width) + "\n").collect(Collectors.joining());
    }

    /** The fewest sites among which one was hidden, and what is not promised. */
    private static String protection(RunReport report) {
        RunReport.SecureSums sums = report.sums();
        String least = report.smallestSum().isPresent()
                ? "every sum was over " + report.smallestSum().getAsInt() + " sites or more"
                : "no sum was opened";
        String summed = report.isSummed()
                ? "secure aggregation: " + least
                        + (sums.isGrouped() ? " (" + sums.combination() + " of " + sums.groups() + " groups)" : "")
                : "one site alone";
        return summed + "; " + report.privacy().map(SummaryTable::claim).orElse("no differential privacy");
    }

    /** Epsilon rounded up. */
    private static String claim(PrivacyClaim claim) {
        String epsilon = Double.isFinite(claim.epsilon())
                ? String.format(Locale.ROOT, "%.3f", Math.ceil(claim.epsilon() * 1000) / 1000)
                : "unbounded";
        return "training: epsilon " + epsilon + " at delta " + claim.delta() + " for each " + claim.unit();
    }

    private static String records(Scored scored) {
        return Numerals.count(scored.overall().n(), "record", "records") + " of " + scored.on();
    }

    private static void details(List<Line> lines, RunReport report, Scored scored) {
        section(lines, "federated, using only", report.subsets(scored));
        if (scored.perSite().size() <= MOST_SITES) {
            section(lines, "federated, at", scored.perSite());
        } else {
            bothEnds(lines, scored.perSite(), Measure.leading(report));
        }
    }

    private static void section(List<Line> lines, String title, Map<String, Metrics> scores) {
        if (!scores.isEmpty()) {
            lines.add(Line.BLANK);
            lines.add(Line.columns(title));
            scores.forEach((name, metrics) -> lines.add(Line.row(name.replace("+", " + "), metrics)));
        }
    }

    private static void bothEnds(List<Line> lines, Map<String, Metrics> sites, Measure measure) {
        List<Map.Entry<String, Metrics>> ranked = sites.entrySet().stream()
                .filter(site -> measure.of(site.getValue()).isPresent())
                .sorted(Comparator.comparingDouble(
                        site -> measure.of(site.getValue()).getAsDouble()))
                .toList();
        int shown = Math.min(MOST_SITES / 2, ranked.size() / 2);
        lines.add(Line.BLANK);
        lines.add(Line.columns("federated, lowest and highest " + measure.label()));
        ranked.subList(0, shown).forEach(site -> lines.add(Line.row(site.getKey(), site.getValue())));
        lines.add(new Line("  ... " + (sites.size() - 2 * shown) + " more in report.json", List.of()));
        ranked.subList(ranked.size() - shown, ranked.size())
                .forEach(site -> lines.add(Line.row(site.getKey(), site.getValue())));
    }

    /** @param cells none, or five */
    private record Line(String label, List<String> cells) {
        static final Line BLANK = new Line("", List.of());

        Line {
            label = label.replaceAll("[^ -~]", "?");
        }

        static Line columns(String title) {
            return new Line(title, List.of("AUROC", "(95% interval)", "accuracy", "macro-F1", "ECE"));
        }

        static Line row(String name, Scored scored) {
            return row(name, scored.overall(), Optional.of(scored.intervals()));
        }

        static Line row(String name, Metrics metrics) {
            return row(name, metrics, Optional.empty());
        }

        private static Line row(String name, Metrics metrics, Optional<MetricIntervals> intervals) {
            return new Line(
                    "  " + name,
                    List.of(
                            Numerals.score(metrics.auroc()),
                            intervals
                                    .flatMap(MetricIntervals::auroc)
                                    .map(interval -> "(" + Numerals.interval(interval) + ")")
                                    .orElse(""),
                            Numerals.score(metrics.accuracy()),
                            Numerals.score(metrics.macroF1()),
                            Numerals.score(metrics.ece())));
        }

        String text(int width) {
            if (cells.isEmpty()) {
                return label;
            }
            String shown = label.length() <= width ? label : label.substring(0, width - 2) + "..";
            return String.format(
                            Locale.ROOT,
                            "%-" + width + "s  %6s %-16s %8s %8s %6s",
                            shown,
                            cells.get(0),
                            cells.get(1),
                            cells.get(2),
                            cells.get(3),
                            cells.get(4))
                    .stripTrailing();
        }
    }
}
