package dev.parley.server.console.view;

/**
 * One setting of a federation, in words.
 *
 * @param group what it belongs to, such as {@code Cohort}
 * @param meaning what it does, in one sentence
 */
public record Fact(String group, String name, String value, String meaning) {}
