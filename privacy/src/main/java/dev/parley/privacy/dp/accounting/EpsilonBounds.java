package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.Epsilon;

/**
 * What is known of a composition's true epsilon. Claim the upper bound; the lower one says how much of it may be the
 * accountant's own looseness.
 */
public record EpsilonBounds(Epsilon lower, Epsilon upper) {
    public EpsilonBounds {
        if (lower.compareTo(upper) > 0) {
            throw new IllegalArgumentException("bounds cross: " + lower + " and " + upper);
        }
    }
}
