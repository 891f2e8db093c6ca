package dev.parley.privacy.update;

/**
 * What a round learned: the mean update, the sum of contribution weights, and how many sites stand behind it.
 *
 * @param update the weighted mean of the differences
 * @param totalWeight sum of contribution weights
 * @param contributions number of updates added
 */
public record WeightedMean(ParameterVector update, double totalWeight, int contributions) {}
