package dev.parley.privacy.statistics;

/**
 * A quantile from a histogram with noise.
 *
 * @param level in (0, 1): 0.5 is the median
 * @param value an edge of the histogram's grid
 * @param lower the quantile without noise, of clamped values, is not below this, with the statistic's confidence
 * @param upper and not above this
 */
public record Quantile(double level, double value, double lower, double upper) {}
