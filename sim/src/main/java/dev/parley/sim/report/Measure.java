package dev.parley.sim.report;

import dev.parley.learning.evaluation.MetricIntervals;
import dev.parley.learning.evaluation.MetricIntervals.Interval;
import dev.parley.learning.evaluation.Metrics;
import java.util.Optional;
import java.util.OptionalDouble;

/** A column of the report: the part of {@link Metrics} it shows, and its name in JSON and for people. */
enum Measure {
    AUROC("auroc", "AUROC"),
    ACCURACY("accuracy", "accuracy"),
    MACRO_F1("macroF1", "macro-F1"),
    ECE("ece", "ECE"),
    BRIER("brier", "Brier");

    private final String json;
    private final String label;

    Measure(String json, String label) {
        this.json = json;
        this.label = label;
    }

    /** What the report leads with: AUROC of two classes if there is one, otherwise accuracy. */
    static Measure leading(RunReport report) {
        boolean ranked = report.data().classes().size() == 2
                && report.finalScores().overall().auroc().isPresent();
        return ranked ? AUROC : ACCURACY;
    }

    String json() {
        return json;
    }

    String label() {
        return label;
    }

    /** The label as the first word of a sentence. */
    String title() {
        return Character.toUpperCase(label.charAt(0)) + label.substring(1);
    }

    OptionalDouble of(Metrics metrics) {
        return switch (this) {
            case AUROC -> metrics.auroc();
            case ACCURACY -> OptionalDouble.of(metrics.accuracy());
            case MACRO_F1 -> OptionalDouble.of(metrics.macroF1());
            case ECE -> OptionalDouble.of(metrics.ece());
            case BRIER -> OptionalDouble.of(metrics.brier());
        };
    }

    /** Empty too for Brier, which has no interval. */
    Optional<Interval> of(MetricIntervals intervals) {
        return switch (this) {
            case AUROC -> intervals.auroc();
            case ACCURACY -> Optional.of(intervals.accuracy());
            case MACRO_F1 -> Optional.of(intervals.macroF1());
            case ECE -> Optional.of(intervals.ece());
            case BRIER -> Optional.empty();
        };
    }
}
