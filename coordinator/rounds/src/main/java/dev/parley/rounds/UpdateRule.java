package dev.parley.rounds;

import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.UpdateNoise;

/**
 * What a site does to an update before it leaves, the same at every site and part of every plan.
 *
 * @param clipNorm bound on an update of a training round
 * @param statisticsBound bound on the update of the statistics round. Moments that were clipped would be wrong rather
 *     than merely smaller, so it is chosen well above the largest moment; the encoding's step grows with it
 * @param exampleCap examples that count for one site at most, 1 to 10^9
 * @param proximalMu weight of FedProx's proximal term in the sites' objective (Li et al. 2020, section 3.2), 0 for none
 * @param noise what the plan declares
 * @param masking how updates are hidden in the sum
 */
public record UpdateRule(
        ClipNorm clipNorm,
        ClipNorm statisticsBound,
        long exampleCap,
        double proximalMu,
        UpdateNoise noise,
        MaskingRule masking) {
    private static final double MOST_MU = 1000;

    public UpdateRule {
        if (exampleCap < 1 || exampleCap > 1_000_000_000) {
            throw new IllegalArgumentException("an example cap is 1 to 1,000,000,000, got " + exampleCap);
        }
        if (!(noise instanceof UpdateNoise.None) && exampleCap != 1) {
            throw new IllegalArgumentException(
                    "under noise that hides a site every site weighs 1: the example cap is 1, got " + exampleCap);
        }
        if (!(proximalMu >= 0 && proximalMu <= MOST_MU)) {
            throw new IllegalArgumentException("a proximal mu is 0 (plain FedAvg) to 1000, got " + proximalMu);
        }
        // A minus zero would encode differently from the zero it equals.
        proximalMu = proximalMu == 0 ? 0.0 : proximalMu;
    }

    /**
     * @throws IllegalArgumentException if a sum over a full cohort does not fit the ring, could never be opened, or may be opened
     *     with less than the whole noise
     */
    void requireFits(CohortRule cohort) {
        masking.requireFits(cohort);
        if (noise instanceof UpdateNoise.DistributedGaussian gaussian) {
            int honest = masking.fewestHonest(cohort);
            if (gaussian.shares() > honest) {
                throw new IllegalArgumentException("the noise is whole with the shares of " + gaussian.shares()
                        + " honest sites, a sum may be opened with " + honest
                        + " (the fewest updates less those that may collude): raise the quorum, or take at most "
                        + honest
                        + " shares");
            }
        }
        long most = masking.modulus().size() / 4;
        if (cohort.maximum() > most) {
            throw new IllegalArgumentException("a ring of " + masking.modulus().bits() + " bits sums up to " + most
                    + " updates, the cohort's maximum is " + cohort.maximum()
                    + ": take more bits, or a smaller cohort");
        }
    }
}
