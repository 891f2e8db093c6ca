package dev.parley.learning.record;

/** What became of one row. */
sealed interface Outcome {
    record Loaded(SiteRecord record) implements Outcome {}

    record Refused(RowFault fault) implements Outcome {}
}
