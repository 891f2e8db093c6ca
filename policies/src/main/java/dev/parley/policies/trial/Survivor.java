package dev.parley.policies.trial;

/**
 * A rule that could be changed without any test noticing.
 *
 * @param mutation what was done to it
 */
public record Survivor(String policy, String rule, String mutation) {}
