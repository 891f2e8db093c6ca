package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;

/**
 * Says what a composition of releases costs.
 *
 * <p>Guarantees: {@code lower <= true epsilon <= upper}, in the arithmetic that is used. Does not: hold for releases that
 * were not made as described, such as batches from a shuffled dataset described as Poisson samples.
 */
public sealed interface Accountant permits PldAccountant, RdpAccountant {
    /**
     * Bounds on the least epsilon at a delta.
     *
     * @param delta greater than 0
     * @throws NoAnalysisException if a mechanism has no analysis here
     */
    EpsilonBounds bounds(Composition composition, Delta delta);

    /** The epsilon to claim: {@link #bounds}' upper one, for less work. */
    Epsilon epsilon(Composition composition, Delta delta);

    /** The delta to claim at an epsilon. */
    Delta delta(Composition composition, Epsilon epsilon);

    /** Refuses a delta that no noise with unbounded loss can reach. */
    static void requirePositive(Delta delta) {
        if (delta.value() == 0) {
            throw new IllegalArgumentException(
                    "an accountant needs a delta greater than 0, got 0; take one well below one"
                            + " over the number of units, such as 1e-5");
        }
    }
}
