package dev.parley.privacy.dp.ledger;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.PrivacyUnit;

/**
 * The most that may ever be told of one unit.
 *
 * @param unit who is promised this: a record, a subject with all its records, or a site
 * @param relation under which every release is accounted
 * @param epsilon bounded; 0 allows nothing
 * @param delta greater than 0, at which epsilon holds
 */
public record Budget(PrivacyUnit unit, NeighbouringRelation relation, Epsilon epsilon, Delta delta) {
    public Budget {
        if (!epsilon.isBounded() || delta.value() == 0) {
            throw new IllegalArgumentException("a budget has a bounded epsilon and a delta above 0, got epsilon "
                    + epsilon.value() + " and delta " + delta.value());
        }
    }

    @Override
    public String toString() {
        return "epsilon " + epsilon.value() + " at delta " + delta.value() + " per "
                + unit.name().toLowerCase(java.util.Locale.ROOT);
    }
}
