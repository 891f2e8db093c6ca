package dev.parley.learning.evaluation;

import java.util.Collection;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * What scores on records say about a model: the quantities of {@code privacy.statistics.EvaluationCounts} without its
 * bins and rounding.
 *
 * @param n records scored, at least 1
 * @param auroc area under the ROC curve, ties counted half: of class 1 if there are two classes, else the mean of one
 *     class against the rest over the classes that have both positive and negative records. Empty if there is none
 * @param accuracy share of records whose most probable class is the true one; of equal probabilities the first class
 *     wins
 * @param macroF1 mean F1 over the classes that occur as truth or as prediction
 * @param ece expected calibration error of the most probable class over 15 equal bins (Guo et al. 2017)
 * @param brier mean over records of the squared distance between the probabilities and the truth, 0 to 2
 */
public record Metrics(long n, OptionalDouble auroc, double accuracy, double macroF1, double ece, double brier) {
    /** 2, and a little because the probabilities of a record may sum to 1.001. */
    private static final double MOST_BRIER = 2.01;

    public Metrics {
        if (n < 1) {
            throw new IllegalArgumentException("metrics describe at least one record, got n = " + n);
        }
        auroc.ifPresent(value -> requireWithin("auroc", value, 1));
        requireWithin("accuracy", accuracy, 1);
        requireWithin("macroF1", macroF1, 1);
        requireWithin("ece", ece, 1);
        requireWithin("brier", brier, MOST_BRIER);
    }

    private static void requireWithin(String name, double value, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException(name + " lies in [0, " + most + "], got " + value);
        }
    }

    /**
     * The plain mean over several models, or several sites, each counted once however many records it was scored on.
     * AUROC is the mean over those that have one; {@code n} is their total.
     *
     * @throws IllegalArgumentException if there are none
     */
    public static Metrics mean(Collection<Metrics> all) {
        if (all.isEmpty()) {
            throw new IllegalArgumentException("the mean of no metrics is undefined: leave it out instead");
        }
        return new Metrics(
                all.stream().mapToLong(Metrics::n).sum(),
                all.stream()
                        .map(Metrics::auroc)
                        .flatMapToDouble(OptionalDouble::stream)
                        .average(),
                average(all, Metrics::accuracy),
                average(all, Metrics::macroF1),
                average(all, Metrics::ece),
                average(all, Metrics::brier));
    }

    private static double average(Collection<Metrics> all, ToDoubleFunction<Metrics> part) {
        return all.stream().mapToDouble(part).sum() / all.size();
    }
}
