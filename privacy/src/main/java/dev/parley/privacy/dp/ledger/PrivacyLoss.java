package dev.parley.privacy.dp.ledger;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.accounting.Composition;
import dev.parley.privacy.dp.accounting.NoAnalysisException;
import dev.parley.privacy.dp.accounting.PldAccountant;
import dev.parley.privacy.dp.accounting.RdpAccountant;
import dev.parley.privacy.dp.noise.StatisticalDistance;

/** What releases cost whose noise is nearly, but not quite, what the accountant is told. */
public final class PrivacyLoss {
    /** What is kept of delta for the distance between the noise that is drawn and the one that is accounted. */
    private static final double DISTANCE_SHARE = 1e-9;

    private PrivacyLoss() {}

    /** What is left of delta for the accountant. */
    public static Delta accounted(Delta delta) {
        return new Delta(delta.value() * (1 - DISTANCE_SHARE));
    }

    /**
     * The epsilon to claim. By privacy loss distributions, which are tighter; of some mechanisms only the Renyi divergence
     * is known.
     *
     * @param distance of all the noise that was drawn, together
     * @return {@link Epsilon#UNBOUNDED} if there are so many steps, or epsilon is so large, that the noise's last bits count: no
     *     promise worth the name is left then
     * @throws NoAnalysisException if nobody knows what a mechanism costs
     */
    public static Epsilon of(Composition releases, StatisticalDistance distance, Delta delta) {
        Epsilon epsilon = epsilon(releases, accounted(delta));
        return distance.costAt(epsilon).value() <= DISTANCE_SHARE * delta.value() ? epsilon : Epsilon.UNBOUNDED;
    }

    private static Epsilon epsilon(Composition releases, Delta delta) {
        try {
            return new PldAccountant().epsilon(releases, delta);
        } catch (NoAnalysisException e) {
            return new RdpAccountant().epsilon(releases, delta);
        }
    }
}
