package dev.parley.learning.record;

/** What a row that breaks a rule does to the loading of its data set. */
public enum Strictness {
    /** The whole load fails with the first such row. */
    STRICT,
    /** The row is left out and counted by rule. */
    QUARANTINE
}
