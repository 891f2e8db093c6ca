package dev.parley.agent.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SiteRulesTest {
    private static final SiteRules OPEN = new SiteRules(
            false, Set.of("hospital"), Set.of("research"), new SiteFloors(3, 3, 0, Map.of()), 100, true, Set.of());

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
                () -> new SiteRules(false, Set.of(), Set.of(), new SiteFloors(2, 2, 0, Map.of()), -1, false, Set.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(1, 2, 0, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(3, 2, 1, Map.of()));
    }
}
