package dev.parley.privacy.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.PrivacyUnit;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** What holds of private statistics whichever mechanism draws the noise: two classes run it, one for each. */
abstract class StatisticsRules {
    private static final ProtectedUnit RECORD =
            new ProtectedUnit(PrivacyUnit.RECORD, 1, NeighbouringRelation.ADD_OR_REMOVE_ONE);
    private static final Rho NEARLY_NO_NOISE = new Rho(1e9);
    private static final Rho USUAL = new Rho(0.125);
    private static final ValueBounds BOUNDS = new ValueBounds(0, 10);
    private static final double[] VALUES = values();

    abstract IntegerMechanism mechanism();

    private static double[] values() {
        double[] values = new double[2000];
        Arrays.setAll(values, i -> (i * 7919 % 2000) / 200.0 - 0.5); // -0.5 to 9.495: some below the bound
        values[3] = Double.NaN;
        return values;
    }

    private static double[] clamped() {
        return Arrays.stream(VALUES).map(BOUNDS::clamp).toArray();
    }

    @Test
    void withNextToNoNoiseTheAnswersAreExact() {
        try (IntegerMechanism mechanism = mechanism()) {
            PrivateStatistics statistics = new PrivateStatistics(mechanism, RECORD, Confidence.USUAL);
            double mean = Arrays.stream(clamped()).average().orElseThrow();
            double variance = Arrays.stream(clamped())
                    .map(x -> (x - mean) * (x - mean))
                    .average()
                    .orElseThrow();

            assertEquals(2000, statistics.count(2000, NEARLY_NO_NOISE).release().value());
            near(mean * 2000, statistics.sum(VALUES, BOUNDS, NEARLY_NO_NOISE).release(), 0.1);
            near(mean, statistics.mean(VALUES, BOUNDS, NEARLY_NO_NOISE).release(), 0.01);
            near(variance, statistics.variance(VALUES, BOUNDS, NEARLY_NO_NOISE).release(), 0.1);
            assertArrayEquals(
                    new long[] {101, 1000, 899},
                    statistics
                            .histogram(VALUES, new double[] {0, 5}, NEARLY_NO_NOISE)
                            .release()
                            .counts());
            assertArrayEquals(
                    new long[] {2, 0, 1, 1},
                    statistics
                            .contingencyTable(new int[] {0, 0, 1, 1}, 2, new int[] {0, 0, 0, 1}, 2, NEARLY_NO_NOISE)
                            .release()
                            .counts());
            Quantile median = statistics
                    .quantiles(VALUES, new double[] {0.5}, BOUNDS, NEARLY_NO_NOISE)
                    .release()
                    .getFirst();
            assertTrue(
                    median.lower() <= 4.5 && 4.5 <= median.upper() && median.upper() - median.lower() < 0.1,
                    median.toString());
        }
    }

    private static void near(double expected, Estimate got, double within) {
        assertTrue(
                Math.abs(expected - got.value()) <= got.halfWidth() + 1e-5 * Math.abs(expected),
                got + " for " + expected);
        assertTrue(got.halfWidth() < within, got.toString());
    }

    @Test
    void aReleaseCostsWhatWasAskedAndNoMore() {
        try (IntegerMechanism mechanism = mechanism()) {
            for (ProtectedUnit unit :
                    List.of(RECORD, new ProtectedUnit(PrivacyUnit.SUBJECT, 3, NeighbouringRelation.REPLACE_ONE))) {
                PrivateStatistics statistics = new PrivateStatistics(mechanism, unit, Confidence.USUAL);
                for (PrivateStatistic<?> released : List.of(
                        statistics.count(2000, USUAL),
                        statistics.sum(VALUES, BOUNDS, USUAL),
                        statistics.mean(VALUES, BOUNDS, USUAL),
                        statistics.variance(VALUES, BOUNDS, USUAL),
                        statistics.histogram(VALUES, new double[] {0, 5}, USUAL),
                        statistics.quantiles(VALUES, new double[] {0.5}, BOUNDS, USUAL))) {
                    assertTrue(released.cost().value() <= USUAL.value(), released.toString());
                    assertEquals(USUAL.value(), released.cost().value(), 1e-8, released.toString());
                    assertEquals(unit, released.unit());
                }
            }
        }
    }

    @Test
    void intervalsHoldTheAnswerAsOftenAsTheySay() {
        double mean = Arrays.stream(clamped()).average().orElseThrow();
        covers(statistics -> statistics.count(2000, USUAL).release(), 2000);
        covers(statistics -> statistics.sum(VALUES, BOUNDS, USUAL).release(), mean * 2000);
        covers(statistics -> statistics.mean(VALUES, BOUNDS, USUAL).release(), mean);
    }

    private interface Asked {
        Estimate of(PrivateStatistics statistics);
    }

    /** At 95 %, 200 draws miss 10 times; more than 30 misses have a probability below 1e-6 (binomial tail). */
    private void covers(Asked asked, double truth) {
        try (IntegerMechanism mechanism = mechanism()) {
            PrivateStatistics statistics = new PrivateStatistics(mechanism, RECORD, Confidence.USUAL);
            int missed = 0;
            for (int i = 0; i < 200; i++) {
                Estimate estimate = asked.of(statistics);
                missed += Math.abs(estimate.value() - truth) > estimate.halfWidth() ? 1 : 0;
            }
            assertTrue(missed <= 30, missed + " of 200 missed");
        }
    }

    /**
     * The noise has the variance that its cost stands for: of n draws, the sample variance is within 6 standard errors
     * (failure below 1e-8); noise of nine tenths of the scale is seen by the same test.
     */
    @Test
    void theNoiseIsAsLargeAsItsCostSays() {
        try (IntegerMechanism mechanism = mechanism()) {
            assertTrue(isNoiseOf(20, scale -> variance(mechanism, scale), 20));
            assertFalse(isNoiseOf(20, scale -> variance(mechanism, scale), 18));
        }
    }

    private static final int DRAWS = 20_000;

    private static boolean isNoiseOf(double claimed, ToDoubleFunction<Double> variance, double used) {
        double ratio = variance.applyAsDouble(used) / (claimed * claimed);
        return Math.abs(ratio - 1) < 6 * Math.sqrt(2.0 / DRAWS);
    }

    private static double variance(IntegerMechanism mechanism, double scale) {
        long[] noise = mechanism.counts(new int[0], DRAWS, 1, scale).values();
        return Arrays.stream(noise).mapToDouble(x -> (double) x * x).sum() / DRAWS;
    }

    @Test
    void aResultIsReleasedOnce() {
        try (IntegerMechanism mechanism = mechanism()) {
            PrivateStatistic<Estimate> count =
                    new PrivateStatistics(mechanism, RECORD, Confidence.USUAL).count(10, USUAL);
            count.release();

            assertThrows(IllegalStateException.class, count::release);
        }
    }

    @Test
    void whatIsDeclaredIsChecked() {
        assertThrows(IllegalArgumentException.class, () -> new ValueBounds(1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ValueBounds(0, Double.POSITIVE_INFINITY));
        assertThrows(IllegalArgumentException.class, () -> new Rho(0));
        assertThrows(IllegalArgumentException.class, () -> new Confidence(1));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ProtectedUnit(PrivacyUnit.RECORD, 2, NeighbouringRelation.ADD_OR_REMOVE_ONE));
        try (IntegerMechanism mechanism = mechanism()) {
            PrivateStatistics statistics = new PrivateStatistics(mechanism, RECORD, Confidence.USUAL);
            assertThrows(
                    IllegalArgumentException.class, () -> statistics.histogram(VALUES, new double[] {1, 1}, USUAL));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> statistics.quantiles(VALUES, new double[] {1}, BOUNDS, USUAL));
        }
    }
}
