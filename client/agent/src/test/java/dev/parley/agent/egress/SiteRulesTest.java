package dev.parley.agent.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.training.DpSgd;
import dev.parley.learning.training.LocalPrivacy;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteRulesTest {
    private static final SiteRules OPEN = new SiteRules(
            false,
            Set.of("hospital"),
            Set.of("research"),
            new SiteFloors(3, 3, 0, Map.of()),
            100,
            true,
            new NoiseMultiplier(0.5),
            Optional.empty(),
            Set.of());
    private static final Budget BUDGET =
            new Budget(PrivacyUnit.RECORD, NeighbouringRelation.ADD_OR_REMOVE_ONE, new Epsilon(8), new Delta(1e-5));
    private static final SiteRules BUDGETED = new SiteRules(
            false,
            Set.of("hospital"),
            Set.of("research"),
            new SiteFloors(3, 3, 0, Map.of()),
            100,
            false,
            SiteRules.CAREFUL_NOISE,
            Optional.of(BUDGET),
            Set.of());
    private static final DpSgd PRIVATE = new DpSgd(
            PrivacyUnit.RECORD,
            new ClipNorm(1),
            new NoiseMultiplier(1),
            new SamplingRate(0.1),
            16,
            10,
            new DpSgd.Clipping.Flat(),
            1,
            16,
            new Delta(1e-5));

    private static ProposedUse use(String federation, String... cohort) {
        return new ProposedUse(federation, 0, List.of(cohort), new UpdateNoise.None(), ContentHash.of(new byte[0]));
    }

    private static String rule(Verdict verdict) {
        return assertInstanceOf(Verdict.Refused.class, verdict).rule();
    }

    @Test
    void carefulRulesRefuseWhatIsNotNoised() {
        SiteRules careful = SiteRules.careful("hospital", "research");

        assertEquals(
                "allow-unnoised", rule(careful.judge("north", "research", use("hospital", "north", "east", "west"))));
        assertEquals("allow-unnoised", rule(careful.judgeProtection(new UpdateNoise.None(), LocalPrivacy.NONE)));
        assertEquals("allow-unnoised", rule(careful.judgeUnnoised()));
        assertEquals("allow-unnoised", rule(careful.judgeEvaluation("hospital", "research")));
    }

    @Test
    void privateTrainingNeedsABudgetUnlessNoiseIsNotAskedFor() {
        Verdict.Refused none = assertInstanceOf(
                Verdict.Refused.class,
                SiteRules.careful("hospital", "research").judgeProtection(new UpdateNoise.None(), PRIVATE));

        assertEquals("budget", none.rule());
        assertTrue(none.reason().contains("budget: {unit: record"), none.reason());
        assertInstanceOf(
                Verdict.Allowed.class, BUDGETED.judge("north", "research", use("hospital", "north", "east", "west")));
        assertInstanceOf(Verdict.Allowed.class, BUDGETED.judgeProtection(new UpdateNoise.None(), PRIVATE));
        assertInstanceOf(Verdict.Allowed.class, OPEN.judgeProtection(new UpdateNoise.None(), PRIVATE));
        // A budget is no leave for what it cannot pay for.
        assertEquals("allow-unnoised", rule(BUDGETED.judgeProtection(new UpdateNoise.None(), LocalPrivacy.NONE)));
        assertEquals("allow-unnoised", rule(BUDGETED.judgeUnnoised()));
    }

    @Test
    void plainWordsSayTheBudget() {
        String words = String.join("\n", BUDGETED.inPlainWords());

        assertTrue(words.contains("at most epsilon 8.0 at delta 1.0E-5 per record over all rounds"), words);
    }

    /** The owner counts on three survivors, none of whom colludes, and asks for a multiplier of 0.5. */
    @ParameterizedTest
    @CsvSource({"0.5, 3, ", "2, 1, ", "0.5, 4, minimum-survivors", "9, 100, minimum-survivors", "0.49, 3, minimum-noise"
    })
    void noiseBelowTheOwnersFloorsIsRefused(double multiplier, int shares, @Nullable String rule) {
        UpdateNoise noise = new UpdateNoise.DistributedGaussian(new NoiseMultiplier(multiplier), shares);
        ProposedUse use =
                new ProposedUse("hospital", 0, List.of("north", "east", "west"), noise, ContentHash.of(new byte[0]));

        Verdict verdict = OPEN.judge("north", "research", use);

        assertEquals(rule, verdict instanceof Verdict.Refused refused ? refused.rule() : null, verdict::toString);
    }

    @Test
    void carefulRulesTakeNoiseThatTwoHonestSitesMakeWhole() {
        SiteRules careful = SiteRules.careful("hospital", "research");
        UpdateNoise noise = new UpdateNoise.DistributedGaussian(new NoiseMultiplier(1), 2);

        Verdict verdict = careful.judge(
                "north",
                "research",
                new ProposedUse("hospital", 0, List.of("north", "east", "west"), noise, ContentHash.of(new byte[0])));

        assertInstanceOf(Verdict.Allowed.class, verdict);
    }

    @Test
    void allowsWhatNoRuleForbids() {
        assertInstanceOf(
                Verdict.Allowed.class, OPEN.judge("north", "research", use("hospital", "north", "east", "west")));
    }

    @Test
    void refusesAnotherPurposeForTrainingAndForEvaluation() {
        assertEquals(
                "purposes",
                assertInstanceOf(
                                Verdict.Refused.class,
                                OPEN.judge("north", "marketing", use("hospital", "north", "east", "west")))
                        .rule());
        assertEquals(
                "purposes",
                assertInstanceOf(Verdict.Refused.class, OPEN.judgeEvaluation("hospital", "marketing"))
                        .rule());
    }

    @Test
    void toldIsBoundedAndHasNoControlCharacters() {
        String hostile = "x\u001b[31m\n".repeat(100);

        Verdict.Refused refused = assertInstanceOf(
                Verdict.Refused.class, OPEN.judge("north", "research", use(hostile, "north", "east", "west")));

        assertTrue(refused.told().length() <= 200, refused.told());
        assertTrue(refused.told().chars().noneMatch(Character::isISOControl), refused.told());
    }

    @Test
    void plainWordsSayLoudlyWhatIsOpen() {
        String open = String.join("\n", OPEN.inPlainWords());
        String careful =
                String.join("\n", SiteRules.careful("hospital", "research").inPlainWords());

        assertTrue(open.contains("could undo that (colluding is 0)"), open);
        assertTrue(open.contains("MAY leave without noise"), open);
        assertTrue(!careful.contains("MAY"), careful);
    }

    @Test
    void refusesImpossibleRules() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new SiteRules(
                        false,
                        Set.of(),
                        Set.of(),
                        new SiteFloors(2, 2, 0, Map.of()),
                        -1,
                        false,
                        SiteRules.CAREFUL_NOISE,
                        Optional.empty(),
                        Set.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(1, 2, 0, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(3, 2, 1, Map.of()));
    }
}
