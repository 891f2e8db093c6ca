package dev.parley.privacy.dp.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OneRunAuditTest {
    private static final double CONFIDENT = 0.05;

    @Test
    void boundsWhatTheListingOfThePaperBounds() {
        // Appendix D of Steinke, Nasr, Jagielski 2023, transcribed into another language with its own binomial masses.
        assertBound(5.782283133945, 1000, 1000, 1000, 1e-5);
        assertBound(5.809068338547, 1000, 1000, 1000, 0);
        assertBound(1.626143480696, 1000, 100, 90, 1e-5);
        assertBound(1.197968646277, 1000, 500, 400, 1e-5);
        assertBound(0.464961455256, 1000, 1000, 640, 1e-5);
        assertBound(2.668754493607, 100_000, 1500, 1429, 1e-5);
        assertBound(0, 1000, 100, 50, 1e-5);
    }

    private static void assertBound(double expected, int canaries, int guesses, int correct, double delta) {
        double bound = new OneRunAudit(canaries, guesses, correct)
                .lowerBound(new Delta(delta), CONFIDENT)
                .value();
        assertEquals(expected, bound, 1e-8, correct + " of " + guesses + " of " + canaries + " at " + delta);
    }

    @Test
    void allGuessesRightRefuteWhatTheClosedFormRefutes() {
        // Without delta: q^r = significance.
        for (int guesses : List.of(1, 10, 100, 1000)) {
            double right = Math.pow(CONFIDENT, 1.0 / guesses);
            double expected = Math.max(0, Math.log(right / (1 - right)));
            assertBound(expected, guesses, guesses, guesses, 0);
        }
    }

    /** The same sum over exact integers: with odds of 3 to 1 every mass is a fraction over 4^r. */
    @Test
    void agreesWithExactArithmetic() {
        int guesses = 60;
        for (int correct : List.of(0, 1, 30, 45, 50, 60)) {
            BigDecimal whole = new BigDecimal(BigInteger.valueOf(4).pow(guesses));
            BigDecimal tail = BigDecimal.ZERO;
            BigDecimal below = BigDecimal.ZERO;
            BigDecimal steepest = BigDecimal.ZERO;
            BigInteger choices = BigInteger.ONE;
            for (int k = guesses; k >= 0; k--) {
                BigDecimal mass =
                        new BigDecimal(choices.multiply(BigInteger.valueOf(3).pow(k)));
                if (k >= correct) {
                    tail = tail.add(mass);
                } else {
                    below = below.add(mass);
                    steepest = steepest.max(below.divide(BigDecimal.valueOf(correct - k), MathContext.DECIMAL128));
                }
                choices = choices.multiply(BigInteger.valueOf(k)).divide(BigInteger.valueOf(guesses - k + 1));
            }
            BigDecimal delta = new BigDecimal("0.0001");
            double expected = tail.add(steepest.multiply(delta).multiply(BigDecimal.valueOf(2L * 80)))
                    .divide(whole, MathContext.DECIMAL128)
                    .doubleValue();
            double probability =
                    new OneRunAudit(80, guesses, correct).probability(new Epsilon(Math.log(3)), new Delta(1e-4));
            assertEquals(Math.min(1, expected), probability, 1e-12, correct + " right");
        }
    }

    @Test
    void moreRightGuessesShowMoreAndALargerDeltaLess() {
        double last = -1;
        for (int correct = 250; correct <= 500; correct += 10) {
            var audit = new OneRunAudit(1000, 500, correct);
            double bound = audit.lowerBound(new Delta(1e-5), CONFIDENT).value();
            assertTrue(bound >= last, correct + " right: " + bound);
            assertTrue(audit.lowerBound(new Delta(1e-3), CONFIDENT).value() <= bound, correct + " right");
            last = bound;
        }
    }

    /** Randomised response of known epsilon, guessed from its answers: the bound is too high once in twenty at most. */
    @Test
    void isSeldomAboveTheTruth() {
        double epsilon = 1.5;
        double right = 1 / (1 + Math.exp(-epsilon));
        var random = new SplittableRandom(20261201);
        int above = 0;
        int repeats = 2000;
        for (int repeat = 0; repeat < repeats; repeat++) {
            int correct = 0;
            for (int canary = 0; canary < 200; canary++) {
                correct += random.nextDouble() < right ? 1 : 0;
            }
            above += new OneRunAudit(200, 200, correct)
                                    .lowerBound(Delta.ZERO, CONFIDENT)
                                    .value()
                            > epsilon
                    ? 1
                    : 0;
        }
        // Five deviations of the binomial count; the discrete count cannot use up all of the twentieth.
        assertTrue(above < repeats * CONFIDENT + 5 * Math.sqrt(repeats * CONFIDENT), "seed 20261201: " + above);
        assertTrue(above > repeats * CONFIDENT / 4, "a bound that is never too high would say nothing: " + above);
    }

    @Test
    void refusesCountsThatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> new OneRunAudit(10, 11, 1));
        assertThrows(IllegalArgumentException.class, () -> new OneRunAudit(10, 5, 6));
        assertThrows(IllegalArgumentException.class, () -> new OneRunAudit(0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new OneRunAudit(10, 5, 5).lowerBound(new Delta(1e-5), 0));
    }
}
