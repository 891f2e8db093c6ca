package dev.parley.agent.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.util.List;
import java.util.Map;
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
            Set.of());

    private static ProposedUse use(String federation, String... cohort) {
        return new ProposedUse(federation, 0, List.of(cohort), new UpdateNoise.None(), ContentHash.of(new byte[0]));
    }

    @Test
    void carefulRulesRefuseWhatIsNotNoised() {
        Verdict verdict = SiteRules.careful("hospital", "research")
                .judge("north", "research", use("hospital", "north", "east", "west"));

        assertEquals(
                "allow-unnoised",
                assertInstanceOf(Verdict.Refused.class, verdict).rule());
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
                        Set.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(1, 2, 0, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(3, 2, 1, Map.of()));
    }
}
