package dev.parley.privacy.statistics;

import java.util.OptionalDouble;

/**
 * What {@link EvaluationCounts} say about a model.
 *
 * @param n records scored, at least 1
 * @param accuracy share of records whose most probable class is the true one
 * @param macroF1 mean F1 over the classes that occur as truth or as prediction
 * @param auroc area under the ROC curve, ties counted half: of class 1 if there are two classes, else the mean over
 *     classes of one against the rest. Empty if no class has both positive and negative records
 * @param ece expected calibration error of the most probable class over 15 bins (Guo et al. 2017)
 * @param brier mean over records of the squared distance between the probabilities and the truth, 0 to 2
 */
public record EvaluationMetrics(
        long n, double accuracy, double macroF1, OptionalDouble auroc, double ece, double brier) {}
