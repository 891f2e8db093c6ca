package dev.parley.sim.simulation;

import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.accounting.Composition;
import dev.parley.privacy.dp.ledger.PrivacyLoss;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.noise.DistributedGaussianSum;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.rounds.SiteLevelRule;
import dev.parley.sim.scenario.Scenario.SiteLevel;

/**
 * What a run's noisy sums promise about a whole site.
 *
 * @param sum what one round releases, as encoded
 * @param clipNorm of each update
 * @param asked by the scenario
 */
record SiteLevelClaim(DistributedGaussianSum sum, ClipNorm clipNorm, SiteLevel asked) {
    /** Of so many rounds, each of which opened one sum with the site in it. */
    Epsilon epsilon(int rounds) {
        if (rounds == 0) {
            return new Epsilon(0);
        }
        Release release = Release.of("a round", sum);
        return PrivacyLoss.of(
                Composition.under(NeighbouringRelation.ADD_OR_REMOVE_ONE).and(release.mechanism(), rounds),
                release.distance().times(rounds),
                asked.delta());
    }

    /** Whether so many rounds keep what was asked for. */
    boolean keeps(int rounds) {
        return switch (asked.rule()) {
            case SiteLevelRule.Target target -> epsilon(rounds).compareTo(target.epsilon()) <= 0;
            case SiteLevelRule.Noise noise -> true;
        };
    }
}
