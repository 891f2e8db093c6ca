package dev.parley.rounds;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.dp.accounting.Calibration;
import dev.parley.privacy.dp.accounting.PldAccountant;
import dev.parley.privacy.dp.ledger.PrivacyLoss;
import dev.parley.privacy.update.UpdateNoise;

/**
 * How well a federation hides whole sites from those who see its models and sums: what is asked for, before the number of
 * rounds and the dropout floor have made noise of it. Neighbours are cohorts in which one site's update is there or is zeros;
 * that the site took part is public.
 *
 * <p>Every site is counted in every round. A cohort that is drawn from more sites is drawn under a seed that the
 * coordinator knows, so that no smaller loss is claimed for having been drawn.
 */
public sealed interface SiteLevelRule {
    /** @param multiplier of each round's noise, over the norm of one rounded update */
    record Noise(NoiseMultiplier multiplier) implements SiteLevelRule {}

    /** What all rounds together may tell of a site. */
    record Target(Epsilon epsilon, Delta delta) implements SiteLevelRule {
        /**
         * For what a ring's steps take from the noise that is accounted ({@link
         * dev.parley.privacy.dp.noise.DistributedGaussianSum#gaussianMultiplier}): below a millionth from a local sigma of 2,000
         * steps on. On narrower rings the claim is what the accountant says.
         */
        private static final double GRID = 1 + 1e-6;

        NoiseMultiplier multiplier(int rounds) {
            NoiseMultiplier least = new Calibration(
                            new PldAccountant(),
                            NeighbouringRelation.ADD_OR_REMOVE_ONE,
                            epsilon,
                            PrivacyLoss.accounted(delta))
                    .noise(SamplingRate.EVERYONE, rounds);
            return new NoiseMultiplier(least.value() * GRID);
        }
    }

    /**
     * What plans declare.
     *
     * @param rounds in which a site's update may be summed
     * @param cohort its floors say how many honest sites' noise is surely in a sum
     * @throws IllegalArgumentException if no noise in reach keeps to the target, or no honest site is surely in a sum
     */
    default UpdateNoise noise(int rounds, CohortRule cohort, MaskingRule masking) {
        return switch (this) {
            case Noise given -> shared(given.multiplier(), cohort, masking);
            case Target target -> shared(target.multiplier(rounds), cohort, masking);
        };
    }

    private static UpdateNoise shared(NoiseMultiplier multiplier, CohortRule cohort, MaskingRule masking) {
        return new UpdateNoise.DistributedGaussian(multiplier, masking.fewestHonest(cohort));
    }
}
