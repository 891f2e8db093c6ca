package dev.parley.privacy.dp.ledger;

import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.noise.DistributedGaussianSum;
import dev.parley.privacy.dp.noise.StatisticalDistance;

/**
 * Something that leaves, described by what its privacy depends on.
 *
 * @param what for people, such as {@code training round 3}; plays no part in the arithmetic
 * @param unit the smallest that the mechanism protects; larger ones are protected less
 * @param mechanism each of its steps
 * @param times steps, at least 1
 * @param distance how far all the noise that is drawn may be from the mechanism's, together
 */
public record Release(String what, PrivacyUnit unit, Mechanism mechanism, long times, StatisticalDistance distance) {
    public Release {
        if (times < 1) {
            throw new IllegalArgumentException("a release has 1 step or more, got " + times);
        }
    }

    /**
     * One sum with noise that sites made together: it protects all that one site's update was made from.
     *
     * @param what for people
     */
    public static Release of(String what, DistributedGaussianSum sum) {
        return new Release(
                what, PrivacyUnit.SITE, new Mechanism.Gaussian(sum.gaussianMultiplier()), 1, sum.gaussianDistance());
    }

    /** Whether the other costs the same, whatever it is called. */
    boolean costsAs(Release other) {
        return unit == other.unit
                && mechanism.equals(other.mechanism)
                && times == other.times
                && distance.equals(other.distance);
    }

    /** Whether what is accounted for this release holds for such units too. */
    public boolean protects(PrivacyUnit other) {
        return unit.compareTo(other) >= 0;
    }
}
