package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/**
 * Pooled held-out metrics of a released model.
 *
 * @param n records
 * @param accuracyLow lower end of Wilson's 95 % interval of the accuracy; it covers chance in which records were held out, and not
 *     that records of one person resemble each other
 * @param auroc null where only one class occurs
 */
public record EvaluationView(
        long n,
        double accuracy,
        double accuracyLow,
        double accuracyHigh,
        @Nullable Double auroc,
        double macroF1,
        double ece,
        double brier) {}
