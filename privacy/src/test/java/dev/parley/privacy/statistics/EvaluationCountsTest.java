package dev.parley.privacy.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EvaluationCountsTest {
    /** Four records worked out by hand; probabilities chosen so that they are exact in float32. */
    @Test
    void metricsOfAHandComputedExample() {
        float[] probabilities = {0.75f, 0.25f, /**/ 0.5f, 0.5f, /**/ 0.125f, 0.875f, /**/ 0.625f, 0.375f};
        int[] labels = {0, 0, 1, 1};

        EvaluationMetrics metrics =
                EvaluationCounts.of(probabilities, labels, 2).metrics().orElseThrow();

        assertEquals(4, metrics.n());
        // Predicted 0, 0 (the first of two equals), 1, 0.
        assertEquals(0.75, metrics.accuracy());
        // Class 0: 2 of 3 predictions, 2 of 2 records: 0.8. Class 1: 1 of 1 and 1 of 2: 2/3.
        assertEquals((0.8 + 2.0 / 3) / 2, metrics.macroF1(), 1e-12);
        // Scores of class 1: negatives 0.25, 0.5; positives 0.875, 0.375: three of four pairs in order.
        assertEquals(0.75, metrics.auroc().orElseThrow(), 1e-12);
        // (0.0625 + 0.25 + 0.015625 + 0.390625) x 2 classes / 4.
        assertEquals(2 * (0.0625 + 0.25 + 0.015625 + 0.390625) / 4, metrics.brier(), 1e-6);
        // Confidences 0.75, 0.5, 0.875, 0.625 in four bins: right, right, right, wrong.
        assertEquals((0.25 + 0.5 + 0.125 + 0.625) / 4, metrics.ece(), 1e-6);
    }

    @Test
    void threeClassesAverageOneAgainstTheRest() {
        float[] probabilities = {0.5f, 0.25f, 0.25f, /**/ 0.25f, 0.5f, 0.25f, /**/ 0.25f, 0.5f, 0.25f};
        int[] labels = {0, 1, 2};

        EvaluationMetrics metrics =
                EvaluationCounts.of(probabilities, labels, 3).metrics().orElseThrow();

        assertEquals(2.0 / 3, metrics.accuracy(), 1e-12);
        // Class 0: perfect. Class 1: one negative below, one tie: 0.75. Class 2: all ties: 0.5.
        assertEquals((1 + 0.75 + 0.5) / 3, metrics.auroc().orElseThrow(), 1e-12);
        assertEquals((1 + 2.0 / 3 + 0) / 3, metrics.macroF1(), 1e-12);
    }

    @Test
    void aClassThatNeverOccursIsLeftOut() {
        float[] probabilities = {0.5f, 0.25f, 0.25f, /**/ 0.25f, 0.5f, 0.25f};

        EvaluationMetrics metrics = EvaluationCounts.of(probabilities, new int[] {0, 1}, 3)
                .metrics()
                .orElseThrow();

        assertEquals(1, metrics.macroF1(), 1e-12);
        assertEquals(1, metrics.auroc().orElseThrow(), 1e-12);
    }

    @Test
    void oneClassAloneHasNoCurve() {
        EvaluationCounts counts = EvaluationCounts.of(new float[] {0.5f, 0.5f}, new int[] {1}, 2);

        assertEquals(OptionalDouble.empty(), counts.metrics().orElseThrow().auroc());
        assertEquals(Optional.empty(), EvaluationCounts.none(2).metrics());
    }

    @Property(tries = 60, seed = "20261124")
    void poolingCountsIsCountingThePool(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 7) int classes,
            @ForAll @IntRange(min = 0, max = 60) int n) {
        Random random = new Random(seed);
        float[] probabilities = probabilities(random, n, classes, 1 + 4 * random.nextDouble());
        int[] labels = random.ints(n, 0, classes).toArray();
        int cut = random.nextInt(n + 1);

        EvaluationCounts whole = EvaluationCounts.of(probabilities, labels, classes);
        EvaluationCounts left =
                EvaluationCounts.of(Arrays.copyOf(probabilities, cut * classes), Arrays.copyOf(labels, cut), classes);
        EvaluationCounts right = EvaluationCounts.of(
                Arrays.copyOfRange(probabilities, cut * classes, n * classes),
                Arrays.copyOfRange(labels, cut, n),
                classes);

        assertEquals(whole, left.plus(right));
        assertEquals(whole, right.plus(left));
        assertEquals(whole, EvaluationCounts.fromLongs(whole.toLongs(), classes));
        assertArrayEquals(whole.toLongs(), left.plus(right).toLongs());
        assertEquals(whole.metrics(), left.plus(right).metrics());
    }

    @Property(tries = 40, seed = "20261124")
    void theBinnedCurveIsCloseToTheExactOne(@ForAll long seed) {
        Random random = new Random(seed);
        int n = 2000;
        // From timid models around 0.5 to saturated ones, and from balanced classes to 2% positives.
        double sharpness = Math.exp(random.nextDouble() * 3.5 - 2);
        double prevalence = 0.02 + 0.48 * random.nextDouble();
        double bias = Math.log(prevalence / (1 - prevalence));
        float[] probabilities = new float[2 * n];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = random.nextDouble() < prevalence ? 1 : 0;
            double logit = bias + sharpness * (random.nextGaussian() + (labels[i] == 1 ? 1 : 0));
            probabilities[2 * i + 1] = (float) (1 / (1 + Math.exp(-logit)));
            probabilities[2 * i] = 1 - probabilities[2 * i + 1];
        }
        OptionalDouble exact = exactAuroc(probabilities, labels);
        if (exact.isEmpty()) {
            return;
        }

        EvaluationMetrics metrics =
                EvaluationCounts.of(probabilities, labels, 2).metrics().orElseThrow();

        // A pair in one bin is counted half instead of 0 or 1: the error is at most half their share, and mostly
        // cancels.
        double error = Math.abs(exact.getAsDouble() - metrics.auroc().orElseThrow());
        assertTrue(error <= shareOfTies(probabilities, labels) / 2 + 1e-12, "error " + error);
        assertTrue(error <= 5e-3, "error " + error + " at sharpness " + sharpness + ", prevalence " + prevalence);
    }

    @Property(tries = 500, seed = "20261124")
    void higherScoresAreNeverInLowerBins(@ForAll float a, @ForAll float b) {
        float low = Math.min(Math.abs(a % 1), Math.abs(b % 1));
        float high = Math.max(Math.abs(a % 1), Math.abs(b % 1));

        assertTrue(ScoreBins.of(low) <= ScoreBins.of(high), low + " " + high);
        assertTrue(ScoreBins.of(low) >= 0 && ScoreBins.of(high) < ScoreBins.COUNT);
        assertEquals(0, ScoreBins.of(0));
        assertEquals(ScoreBins.COUNT - 1, ScoreBins.of(1));
    }

    @Test
    void theLargestCountsFitTheContract() {
        assertTrue(EvaluationCounts.size(EvaluationCounts.MAX_CLASSES) <= 65_536);
        assertTrue(2 + 61 * 61 + 45 + 61 * 1024 > 65_536, "one class more would not");
        assertThrows(IllegalArgumentException.class, () -> EvaluationCounts.size(61));
        assertThrows(IllegalArgumentException.class, () -> EvaluationCounts.size(1));
    }

    @Property(tries = 300, seed = "20261124")
    void noSingleNumberCanBeChangedUnnoticedButSumsWithinTheirBins(@ForAll long seed) {
        Random random = new Random(seed);
        long[] counts = EvaluationCounts.of(
                        probabilities(random, 20, 3, 3), random.ints(20, 0, 3).toArray(), 3)
                .toLongs();
        // The Brier sum and the sums of confidence have slack; everything else is pinned by another number.
        int confidence = 2 + 9;
        int at;
        do {
            at = random.nextInt(counts.length);
        } while (at == 1 || (at >= confidence && at < confidence + 45 && (at - confidence) % 3 == 2));
        counts[at] += random.nextBoolean() ? 1 : -1;

        assertThrows(IllegalArgumentException.class, () -> EvaluationCounts.fromLongs(counts, 3));
    }

    @Test
    void hostileCountsAreRefusedBeforeAnySumOverflows() {
        long[] huge = new long[EvaluationCounts.size(2)];
        Arrays.fill(huge, Long.MAX_VALUE);
        assertRefused(huge, "n is 9223372036854775807");
        long[] wrapping = new long[EvaluationCounts.size(2)];
        Arrays.fill(wrapping, 2, 6, 1L << 62); // sums to 0 mod 2^64
        assertRefused(wrapping, "number 2 is 4611686018427387904 of 0 records");
        long[] negative = new long[EvaluationCounts.size(2)];
        negative[2] = 1;
        negative[3] = -1;
        assertRefused(negative, "number 3 is -1");
        long[] brier = EvaluationCounts.of(new float[] {1, 0}, new int[] {0}, 2).toLongs();
        brier[1] = (2L << 20) + 1;
        assertRefused(brier, "the Brier sum exceeds 2");
        long[] confidence =
                EvaluationCounts.of(new float[] {1, 0}, new int[] {0}, 2).toLongs();
        confidence[2 + 4 + 14 * 3 + 2] = 0;
        assertRefused(confidence, "the confidences of bin 14 do not lie in it");
        assertRefused(new long[3], "counts of 2 classes have 2099 numbers, got 3");
    }

    @Test
    void sumsThatCannotBeAreRefused() {
        EvaluationCounts two = EvaluationCounts.none(2);
        EvaluationCounts three = EvaluationCounts.none(3);

        assertFalse(two.canAdd(three));
        assertThrows(IllegalArgumentException.class, () -> two.plus(three));
        EvaluationCounts full = EvaluationCounts.fromLongs(mostRecords(), 2);
        EvaluationCounts one = EvaluationCounts.of(new float[] {1, 0}, new int[] {0}, 2);
        assertTrue(full.canAdd(two));
        assertFalse(full.canAdd(one));
        assertNotEquals(full, one);
        assertEquals(1, full.metrics().orElseThrow().accuracy());
    }

    @Test
    void probabilitiesThatAreNoneAreRefusedByRecord() {
        assertRefused(new float[] {0.5f, 0.5f, Float.NaN, 0.5f}, new int[] {0, 1}, "record 1 has probability NaN");
        assertRefused(new float[] {1.5f, -0.5f}, new int[] {0}, "record 0 has probability 1.5 for class 0");
        assertRefused(new float[] {0.5f, 0.4f}, new int[] {0}, "pass them through a softmax first");
        assertRefused(new float[] {0.5f, 0.5f}, new int[] {2}, "record 0 has label 2, expected 0 to 1");
        assertRefused(new float[] {0.5f}, new int[] {0}, "1 records of 2 classes need 2 probabilities, got 1");
    }

    private static long[] mostRecords() {
        long[] counts =
                EvaluationCounts.of(new float[] {1, 0}, new int[] {0}, 2).toLongs();
        for (int i = 0; i < counts.length; i++) {
            counts[i] *= EvaluationCounts.MAX_RECORDS;
        }
        return counts;
    }

    private static void assertRefused(long[] counts, String message) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> EvaluationCounts.fromLongs(counts, 2));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    private static void assertRefused(float[] probabilities, int[] labels, String message) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> EvaluationCounts.of(probabilities, labels, 2));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    private static double shareOfTies(float[] probabilities, int[] labels) {
        long ties = 0;
        long pairs = 0;
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; labels[i] == 1 && j < labels.length; j++) {
                if (labels[j] == 0) {
                    pairs++;
                    ties += ScoreBins.of(probabilities[2 * i + 1]) == ScoreBins.of(probabilities[2 * j + 1]) ? 1 : 0;
                }
            }
        }
        return (double) ties / pairs;
    }

    private static OptionalDouble exactAuroc(float[] probabilities, int[] labels) {
        double inOrder = 0;
        long pairs = 0;
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; labels[i] == 1 && j < labels.length; j++) {
                if (labels[j] == 0) {
                    pairs++;
                    inOrder += probabilities[2 * i + 1] > probabilities[2 * j + 1]
                            ? 1
                            : probabilities[2 * i + 1] == probabilities[2 * j + 1] ? 0.5 : 0;
                }
            }
        }
        return pairs == 0 ? OptionalDouble.empty() : OptionalDouble.of(inOrder / pairs);
    }

    private static float[] probabilities(Random random, int n, int classes, double sharpness) {
        float[] probabilities = new float[n * classes];
        for (int i = 0; i < n; i++) {
            double[] odds = new double[classes];
            double sum = 0;
            for (int k = 0; k < classes; k++) {
                odds[k] = Math.exp(sharpness * random.nextGaussian());
                sum += odds[k];
            }
            for (int k = 0; k < classes; k++) {
                probabilities[i * classes + k] = (float) (odds[k] / sum);
            }
        }
        return probabilities;
    }
}
