package dev.parley.privacy.statistics;

import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.PrivacyUnit;

/**
 * Whom a statistic protects.
 *
 * <p><b>Does not</b> see subjects: that no unit has more records than this says is for whoever hands the records over.
 *
 * @param unit whose presence or data is hidden
 * @param recordsAtMost most records of one unit among those handed over; 1 to 1,000,000
 * @param neighbours what may differ
 */
public record ProtectedUnit(PrivacyUnit unit, int recordsAtMost, NeighbouringRelation neighbours) {
    private static final int MOST_RECORDS = 1_000_000;

    public ProtectedUnit {
        if (recordsAtMost < 1 || recordsAtMost > MOST_RECORDS) {
            throw new IllegalArgumentException(
                    "a unit has 1 to " + MOST_RECORDS + " records at most, got " + recordsAtMost);
        }
        if (unit == PrivacyUnit.RECORD && recordsAtMost != 1) {
            throw new IllegalArgumentException("a record is one record, got " + recordsAtMost + "; take another unit");
        }
    }

    /**
     * How many records neighbouring datasets may differ by, counted as OpenDP's symmetric distance does: each one added
     * and each one removed.
     */
    int distance() {
        return switch (neighbours) {
            case NeighbouringRelation.AddOrRemoveOne it -> recordsAtMost;
            case NeighbouringRelation.ReplaceOne it -> 2 * recordsAtMost;
        };
    }
}
