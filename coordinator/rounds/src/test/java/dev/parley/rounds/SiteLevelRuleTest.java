package dev.parley.rounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.accounting.Composition;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.accounting.PldAccountant;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.UpdateNoise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteLevelRuleTest {
    private static final Delta DELTA = new Delta(1e-5);

    /** The target is kept by what one Gaussian with the square root of the rounds' noise costs, and is not wasted. */
    @ParameterizedTest
    @CsvSource({"8, 1", "8, 20", "1, 100", "0.1, 1000"})
    void theNoiseIsAsMuchAsTheTargetNeedsAndNoMore(double epsilon, int rounds) {
        CohortRule cohort = CohortRule.everyOneOf(10);
        var rule = new SiteLevelRule.Target(new Epsilon(epsilon), DELTA);

        var noise = assertInstanceOf(
                UpdateNoise.DistributedGaussian.class, rule.noise(rounds, cohort, FederationFixture.masking(24, 1)));

        double spent = spent(noise.multiplier().value() / Math.sqrt(rounds));
        assertTrue(spent <= epsilon && spent > epsilon * 0.999, "epsilon " + spent);
        assertEquals(9, noise.shares(), "ten sites, one of which colludes");
    }

    private static double spent(double multiplier) {
        return new PldAccountant()
                .epsilon(
                        Composition.under(NeighbouringRelation.ADD_OR_REMOVE_ONE)
                                .and(new Mechanism.Gaussian(new NoiseMultiplier(multiplier))),
                        DELTA)
                .value();
    }

    /** Quorum, or what opening needs of the smallest cohort if that is more; less those that may collude. */
    @ParameterizedTest
    @CsvSource({"10, 10, 8, 1, 7", "10, 10, 2, 1, 5", "10, 20, 2, 3, 4", "300, 300, 150, 10, 140"})
    void theSharesAreThoseOfTheHonestSitesThatAreSurelyLeft(
            int minimum, int maximum, int quorum, int colluding, int shares) {
        var cohort = new CohortRule(minimum, minimum, maximum, quorum);
        MaskingRule masking = FederationFixture.masking(24, colluding);
        var rule = new SiteLevelRule.Noise(new NoiseMultiplier(2));

        var noise = assertInstanceOf(UpdateNoise.DistributedGaussian.class, rule.noise(5, cohort, masking));

        assertEquals(shares, noise.shares());
        assertEquals(2, noise.multiplier().value());
        UpdateNoise more = new UpdateNoise.DistributedGaussian(noise.multiplier(), shares + 1);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> spec(false, cohort, masking, more));
        assertTrue(
                refused.getMessage().contains("a sum may be opened with " + shares + " (the fewest updates less"),
                refused.getMessage());
        assertEquals(noise, spec(false, cohort, masking, noise).update().noise());
    }

    @Test
    void ofGroupsTheSmallestSumCounts() {
        var masking =
                new MaskingRule(new RingModulus(24), 1, new RobustRule.Groups(3, new RobustRule.Combination.Median()));
        var rule = new SiteLevelRule.Noise(new NoiseMultiplier(2));

        // Groups of five, of which 2 t > 5 + 1 have to be left.
        assertEquals(
                new UpdateNoise.DistributedGaussian(new NoiseMultiplier(2), 3),
                rule.noise(5, CohortRule.everyOneOf(15), masking));
    }

    @Test
    void momentsAreNotAgreedOnUnderNoiseThatHidesSites() {
        CohortRule cohort = CohortRule.everyOneOf(5);
        UpdateNoise noise = new UpdateNoise.DistributedGaussian(new NoiseMultiplier(1), 4);

        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> spec(true, cohort, FederationFixture.masking(24, 1), noise));

        assertTrue(refused.getMessage().contains("normalisation: none"), refused.getMessage());
    }

    private static FederationSpec spec(boolean statistics, CohortRule cohort, MaskingRule masking, UpdateNoise noise) {
        return new FederationSpec(
                FederationFixture.NAME,
                2,
                statistics,
                cohort,
                FederationFixture.TIMES,
                new UpdateRule(new ClipNorm(1), new ClipNorm(1), 1, 0, noise, masking),
                new ServerOptimizer.FedAvg(),
                new EvaluationRule(1, FederationFixture.CLASSES),
                7,
                FederationFixture.hash("learning"),
                FederationFixture.hash("policy"),
                2);
    }
}
