package dev.parley.rounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.UpdateNoise;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A specification that cannot work is refused when it is built, with the rule and the value. */
class FederationSpecTest {
    private static final ServerOptimizer AVERAGE = new ServerOptimizer.FedAvg();

    @Test
    void roundsAreNumberedWithTheStatisticsRoundFirst() {
        FederationSpec with = FederationFixture.spec(3, true, CohortRule.everyOneOf(2), AVERAGE, 1, 1);
        FederationSpec without = FederationFixture.spec(3, false, CohortRule.everyOneOf(2), AVERAGE, 1, 1);

        assertEquals(4, with.totalRounds());
        assertEquals(new Task.AgreeStatistics(), with.task(0));
        assertEquals(new Task.Train(0, 3), with.task(1));
        assertEquals(new Task.Train(2, 3), with.task(3));
        assertEquals(new Task.Train(0, 3), without.task(0));
        assertThrows(IllegalArgumentException.class, () -> without.task(3));
    }

    @Test
    void theLastRoundIsAlwaysEvaluatedAndTheStatisticsRoundNever() {
        EvaluationRule everyThird = new EvaluationRule(3, 2);

        assertEquals(
                List.of(false, false, true, false, true),
                List.of(0, 1, 2, 3, 4).stream()
                        .map(round -> everyThird.follows(new Task.Train(round, 5)))
                        .toList());
        assertEquals(false, everyThird.follows(new Task.AgreeStatistics()));
    }

    @Test
    void refusalsSayTheRuleAndTheValue() {
        refused("quorum 3, minimum 2, starting 2, maximum 4", () -> new CohortRule(2, 2, 4, 3));
        refused("quorum 2, minimum 2, starting 1, maximum 4", () -> new CohortRule(1, 2, 4, 2));
        refused("quorum 1", () -> new CohortRule(1, 1, 1, 1));
        refused("maximum 10001", () -> new CohortRule(2, 2, 10_001, 2));
        refused(
                "the time for collecting is at least 1 ms and at most 30 days, got PT0S",
                () -> new RoundTimes(
                        Duration.ofDays(1), Duration.ofDays(1), Duration.ZERO, Duration.ofDays(1), Duration.ofDays(1)));
        refused("a proximal mu is 0 (plain FedAvg) to 1000, got -1.0", () -> update(1, -1, 1));
        refused("an example cap is 1 to 1,000,000,000, got 0", () -> update(1, 0, 0));
        refused("1 to 100,000 training rounds, got 0", () -> spec(0, 1));
        refused("tries a round 1 to 100 times, got 0", () -> spec(1, 0));
        refused("2 to 60 classes, got 1", () -> new EvaluationRule(1, 1));
        refused("evaluate every 1 to 1,000,000 rounds, got 0", () -> new EvaluationRule(0, 2));
        refused("not 'Ward 3'", () -> new SiteName("Ward 3"));
        refused("inner hyphens, such as ward-3, not '" + "x".repeat(80) + "...'", () -> new SiteName("x".repeat(500)));
        refused("not 'a/b'", () -> new FederationName("a/b"));
        refused("got round -1 attempt 0", () -> new RoundId(-1, 0));
    }

    @Test
    void aCohortThatTheRingCannotSumIsRefusedBeforeTheFirstRound() {
        refused(
                "a ring of 12 bits sums up to 1024 updates, the cohort's maximum is 1025",
                () -> masked(new CohortRule(2, 2, 1025, 2), FederationFixture.masking(12, 0)));
        assertEquals(
                12,
                masked(new CohortRule(2, 2, 1024, 2), FederationFixture.masking(12, 0))
                        .update()
                        .masking()
                        .modulus()
                        .bits());
    }

    @Test
    void aCohortThatCouldNeverOpenItsSumIsRefusedBeforeTheFirstRound() {
        refused(
                "with 2 colluding members a round of 3 sites may sum up a single honest update: raise the cohort's "
                        + "minimum to 4 or more",
                () -> masked(new CohortRule(9, 3, 9, 2), FederationFixture.masking(20, 2)));
        assertEquals(
                new SecureSumTerms(4, 2, 0),
                masked(new CohortRule(9, 4, 9, 2), FederationFixture.masking(20, 2))
                        .update()
                        .masking()
                        .terms(4));
        refused("0 to 1,000 members may collude, got -1", () -> FederationFixture.masking(20, -1));
    }

    /** Moments that were rounded coarsely would be wrong for the whole federation. */
    @Test
    void theStatisticsRoundTakesTheWidestRing() {
        MaskingRule narrow = FederationFixture.masking(16, 1);

        assertEquals(32, narrow.of(new Task.AgreeStatistics(), 5).modulus().bits());
        assertEquals(16, narrow.of(new Task.Train(0, 1), 5).modulus().bits());
        assertEquals(
                new SecureSumTerms(4, 1, 0), narrow.of(new Task.Train(0, 1), 5).terms());
    }

    private static FederationSpec masked(CohortRule cohort, MaskingRule masking) {
        return FederationFixture.spec(1, false, cohort, AVERAGE, 1, 1, masking);
    }

    @Test
    void minusZeroIsZeroInAPlan() {
        assertEquals(update(1, 0.0, 1), update(1, -0.0, 1));
    }

    private static FederationSpec spec(int rounds, int attempts) {
        return FederationFixture.spec(rounds, false, CohortRule.everyOneOf(2), AVERAGE, 1, attempts);
    }

    private static UpdateRule update(double clipNorm, double mu, long cap) {
        return new UpdateRule(
                new ClipNorm(clipNorm),
                new ClipNorm(1),
                cap,
                mu,
                new UpdateNoise.None(),
                FederationFixture.masking(32, 0));
    }

    private static void refused(String message, Executable built) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, built);
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }
}
