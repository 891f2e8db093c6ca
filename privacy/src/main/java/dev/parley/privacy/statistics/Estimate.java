package dev.parley.privacy.statistics;

/**
 * One number with noise.
 *
 * @param value the number
 * @param halfWidth the answer without noise, on clamped values, lies within this of the number, with the statistic's
 * confidence
 */
public record Estimate(double value, double halfWidth) {}
