package dev.parley.rounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.UpdateMasking;
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
        refused("quorum 1, minimum 2, starting 1, maximum 4", () -> new CohortRule(1, 2, 4, 1));
        refused("quorum 0", () -> new CohortRule(1, 1, 1, 0));
        refused("maximum 100001", () -> new CohortRule(1, 1, 100_001, 1));
        refused(
                "the time for collecting is at least 1 ms and at most 30 days, got PT0S",
                () -> new RoundTimes(Duration.ofDays(1), Duration.ofDays(1), Duration.ZERO, Duration.ofDays(1)));
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
    void aClipNormThatTheCohortCannotSumIsRefusedBeforeTheFirstRound() {
        UpdateRule large = update(1e6, 0, 1);
        FederationSpec small = FederationFixture.spec();

        refused(
                "the clip norm and the cohort's maximum do not go together",
                () -> new FederationSpec(
                        small.name(),
                        1,
                        false,
                        new CohortRule(1, 1, 100_000, 1),
                        small.times(),
                        large,
                        AVERAGE,
                        small.evaluation(),
                        0,
                        small.learningHash(),
                        small.policyHash(),
                        1));
    }

    @Test
    void minusZeroIsZeroInAPlan() {
        assertEquals(update(1, 0.0, 1), update(1, -0.0, 1));
    }

    private static FederationSpec spec(int rounds, int attempts) {
        return FederationFixture.spec(rounds, false, CohortRule.everyOneOf(1), AVERAGE, 1, attempts);
    }

    private static UpdateRule update(double clipNorm, double mu, long cap) {
        return new UpdateRule(
                new ClipNorm(clipNorm), new ClipNorm(1), cap, mu, new UpdateNoise.None(), new UpdateMasking.None());
    }

    private static void refused(String message, Executable built) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, built);
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }
}
