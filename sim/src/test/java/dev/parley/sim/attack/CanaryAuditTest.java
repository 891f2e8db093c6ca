package dev.parley.sim.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.record.Modality;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.training.LearningConfiguration;
import dev.parley.learning.training.LearningConfigurationException;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One run each of the learner that sites train with: the noise keeps its promise, and it is the noise that does. */
class CanaryAuditTest {
    private static final Delta DELTA = new Delta(1e-5);

    private static CanaryAudit.Result audit(double epsilon, boolean noise, long seed) {
        return new CanaryAudit(new CanaryAudit.Settings(1000, 300, new Epsilon(epsilon), DELTA, noise, seed)).run();
    }

    @Test
    void withTheNoiseTheAttackProvesLessThanIsClaimed() {
        for (long seed = 1; seed <= 3; seed++) {
            CanaryAudit.Result result = audit(3, true, seed);
            assertTrue(result.claimed().value() <= 3 && result.claimed().value() > 2.99, "the target is met");
            assertFalse(result.refuted(), "seed " + seed + ": " + result);
            assertTrue(result.least().value() > 0.1, "seed " + seed + ", an attack that sees something: " + result);
        }
    }

    @Test
    void withoutTheNoiseItProvesMore() {
        CanaryAudit.Result result = audit(3, false, 1);
        assertTrue(result.refuted(), "seed 1: " + result);
        assertTrue(result.least().value() > 4, "seed 1, nearly every guess right: " + result);
    }

    /** Noise for epsilon 12, claimed as what noise for 1 gives, is caught by the same attack. */
    @Test
    void tooLittleNoiseIsCaughtToo() {
        double shown = audit(12, true, 1).least().value();
        assertTrue(shown > audit(1, true, 1).claimed().value(), "seed 1: " + shown);
    }

    @Test
    void noDocumentSwitchesTheNoiseOff() {
        LearningConfiguration honest = LearningConfiguration.of(
                new RecordSchema(List.of(new Modality.Text("note", 2, 1, 8)), List.of("no", "yes")),
                Map.of(
                        "architecture", Map.of("type", "handcrafted-features"),
                        "privacy",
                                Map.of(
                                        "clipNorm", 1,
                                        "noiseMultiplier", 1,
                                        "samplingRate", 0.5,
                                        "expectedBatch", 4,
                                        "delta", 1e-5)));
        assertEquals(honest, LearningConfiguration.parse(honest.toCanonicalJson()));
        byte[] document = CanaryAudit.withoutNoise(honest).toCanonicalJson();
        LearningConfigurationException refused =
                assertThrows(LearningConfigurationException.class, () -> LearningConfiguration.parse(document));
        assertTrue(String.valueOf(refused.getMessage()).contains("noiseMultiplier"), refused.getMessage());
    }

    @Test
    void guessesAreAtMostCanaries() {
        assertThrows(
                IllegalArgumentException.class, () -> new CanaryAudit.Settings(10, 12, new Epsilon(1), DELTA, true, 1));
    }
}
