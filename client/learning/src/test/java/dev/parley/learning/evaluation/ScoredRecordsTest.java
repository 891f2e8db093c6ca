package dev.parley.learning.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.evaluation.MetricIntervals.Interval;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.statistics.EvaluationMetrics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ScoredRecordsTest {
    /** Four records worked out by hand; probabilities chosen so that they are exact in float32. */
    @Test
    void metricsOfAHandComputedExample() {
        float[] probabilities = {0.75f, 0.25f, /**/ 0.5f, 0.5f, /**/ 0.125f, 0.875f, /**/ 0.625f, 0.375f};

        Metrics metrics = scored(probabilities, new int[] {0, 0, 1, 1}, 2).metrics();

        assertEquals(4, metrics.n());
        // Predicted 0, 0 (the first of two equals), 1, 0.
        assertEquals(0.75, metrics.accuracy());
        // Class 0: 2 of 3 predictions, 2 of 2 records: 0.8. Class 1: 1 of 1 and 1 of 2: 2/3.
        assertEquals((0.8 + 2.0 / 3) / 2, metrics.macroF1(), 1e-15);
        // Scores of class 1: negatives 0.25, 0.5; positives 0.875, 0.375: three of four pairs in order.
        assertEquals(OptionalDouble.of(0.75), metrics.auroc());
        assertEquals(2 * (0.0625 + 0.25 + 0.015625 + 0.390625) / 4, metrics.brier());
        // Confidences 0.75, 0.5, 0.875, 0.625 in four bins: right, right, right, wrong.
        assertEquals((0.25 + 0.5 + 0.125 + 0.625) / 4, metrics.ece());
    }

    @Test
    void threeClassesAverageOneAgainstTheRest() {
        float[] probabilities = {0.5f, 0.25f, 0.25f, /**/ 0.25f, 0.5f, 0.25f, /**/ 0.25f, 0.5f, 0.25f};

        Metrics metrics = scored(probabilities, new int[] {0, 1, 2}, 3).metrics();

        assertEquals(2.0 / 3, metrics.accuracy());
        // Class 0: perfect. Class 1: one negative below, one tie: 0.75. Class 2: all ties: 0.5.
        assertEquals((1 + 0.75 + 0.5) / 3, metrics.auroc().orElseThrow(), 1e-15);
        assertEquals((1 + 2.0 / 3 + 0) / 3, metrics.macroF1(), 1e-15);
    }

    @Test
    void aClassThatNeverOccursIsLeftOutAndOneClassAloneHasNoCurve() {
        float[] three = {0.5f, 0.25f, 0.25f, /**/ 0.25f, 0.5f, 0.25f};
        assertEquals(
                OptionalDouble.of(1),
                scored(three, new int[] {0, 1}, 3).metrics().auroc());
        assertEquals(1, scored(three, new int[] {0, 1}, 3).metrics().macroF1());

        ScoredRecords alone = scored(new float[] {0.5f, 0.5f, 0.25f, 0.75f}, new int[] {1, 1}, 2);
        assertEquals(OptionalDouble.empty(), alone.metrics().auroc());
        assertEquals(Optional.empty(), alone.bootstrap(50, 1).auroc());
    }

    @Property(tries = 100, seed = "20261124")
    void agreesWithBruteForceAndWithTheBinnedCounts(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 5) int classes,
            @ForAll @IntRange(min = 1, max = 120) int n) {
        Random random = new Random(seed);
        // Every third try on a coarse grid of scores, so that there are many ties.
        float[] probabilities = probabilities(random, n, classes, seed % 3 == 0);
        int[] labels = random.ints(n, 0, classes).toArray();

        Metrics exact = scored(probabilities, labels, classes).metrics();
        EvaluationMetrics binned =
                EvaluationCounts.of(probabilities, labels, classes).metrics().orElseThrow();

        assertEquals(bruteAuroc(probabilities, labels, classes), exact.auroc(), "seed " + seed);
        assertEquals(binned.n(), exact.n());
        assertEquals(binned.accuracy(), exact.accuracy(), "seed " + seed);
        assertEquals(binned.macroF1(), exact.macroF1(), 1e-12, "seed " + seed);
        assertEquals(binned.ece(), exact.ece(), 1e-6, "seed " + seed);
        assertEquals(binned.brier(), exact.brier(), 1e-6, "seed " + seed);
        assertEquals(binned.auroc().isPresent(), exact.auroc().isPresent());
        // A pair whose scores share a bin counts half there: with few records one pair weighs much.
        binned.auroc()
                .ifPresent(auroc ->
                        assertEquals(auroc, exact.auroc().orElseThrow(), n < 60 ? 0.15 : 0.03, "seed " + seed));
    }

    @Property(tries = 40, seed = "20261124")
    void theOrderOfRecordsDoesNotMatter(@ForAll long seed, @ForAll @IntRange(min = 2, max = 4) int classes) {
        Random random = new Random(seed);
        int n = 60;
        float[] probabilities = probabilities(random, n, classes, false);
        List<SiteRecord> records = records(random, random.ints(n, 0, classes).toArray(), 3, 25);
        List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
        Collections.shuffle(order, random);
        float[] shuffled = new float[n * classes];
        for (int at = 0; at < n; at++) {
            System.arraycopy(probabilities, order.get(at) * classes, shuffled, at * classes, classes);
        }

        ScoredRecords straight = ScoredRecords.of(records, probabilities, classes);
        ScoredRecords mixed = ScoredRecords.of(order.stream().map(records::get).toList(), shuffled, classes);

        assertEquals(straight.metrics(), mixed.metrics(), "seed " + seed);
        assertEquals(straight.bootstrap(40, seed), mixed.bootstrap(40, seed), "seed " + seed);
        straight.bySite().forEach((site, part) -> {
            assertEquals(part.metrics(), mixed.bySite().get(site).metrics(), "seed " + seed);
            assertEquals(part.bootstrap(20, 3), mixed.bySite().get(site).bootstrap(20, 3), "seed " + seed);
        });
    }

    @Test
    void aSiteScoresAsIfItWereAlone() {
        Random random = new Random(5);
        List<SiteRecord> records = records(random, random.ints(90, 0, 2).toArray(), 3, 30);
        float[] probabilities = probabilities(random, 90, 2, false);

        var bySite = ScoredRecords.of(records, probabilities, 2).bySite();

        assertEquals(List.of("site-0", "site-1", "site-2"), List.copyOf(bySite.keySet()));
        for (String site : bySite.keySet()) {
            int[] own = IntStream.range(0, 90)
                    .filter(i -> records.get(i).siteId().equals(site))
                    .toArray();
            float[] ownScores = new float[own.length * 2];
            for (int i = 0; i < own.length; i++) {
                System.arraycopy(probabilities, own[i] * 2, ownScores, i * 2, 2);
            }
            ScoredRecords alone =
                    ScoredRecords.of(IntStream.of(own).mapToObj(records::get).toList(), ownScores, 2);
            assertEquals(alone.metrics(), bySite.get(site).metrics());
            assertEquals(alone.bootstrap(30, 7), bySite.get(site).bootstrap(30, 7));
        }
    }

    /**
     * Each subject has one right and one wrong record, so a resample of whole subjects is right in exactly half; one
     * that split a subject would not be.
     */
    @Test
    void aResampleNeverSplitsASubject() {
        List<SiteRecord> records = new ArrayList<>();
        float[] probabilities = new float[2 * 2 * 40];
        for (int i = 0; i < 80; i++) {
            records.add(record("r" + i, "subject-" + i / 2, "site-" + i % 4 / 2, i / 2 % 2));
            boolean right = i % 2 == 0;
            probabilities[2 * i + (right ? i / 2 % 2 : 1 - i / 2 % 2)] = 1;
        }

        MetricIntervals intervals = ScoredRecords.of(records, probabilities, 2).bootstrap(500, 11);

        assertEquals(new Interval(0.5, 0.5), intervals.accuracy());
        assertEquals(new Interval(0.5, 0.5), intervals.ece());
    }

    /** One site is always right and the other always wrong: within sites nothing varies, across them it would. */
    @Test
    void sitesAreStrata() {
        List<SiteRecord> records = new ArrayList<>();
        float[] probabilities = new float[2 * 60];
        for (int i = 0; i < 60; i++) {
            records.add(record("r" + i, "s" + i, i < 20 ? "right" : "wrong", i % 2));
            probabilities[2 * i + (i < 20 ? i % 2 : 1 - i % 2)] = 1;
        }

        Interval accuracy =
                ScoredRecords.of(records, probabilities, 2).bootstrap(300, 3).accuracy();

        assertEquals(20.0 / 60, accuracy.low());
        assertEquals(20.0 / 60, accuracy.high());
    }

    @Test
    void sitesOfOneSubjectAreDrawnFromTogetherAndOneSubjectSaysNothing() {
        List<SiteRecord> records = IntStream.range(0, 30)
                .mapToObj(i -> record("r" + i, "s", "watch-" + i, i % 2))
                .toList();
        float[] probabilities = new float[60];
        for (int i = 0; i < 30; i++) {
            probabilities[2 * i + (i % 3 == 0 ? 1 - i % 2 : i % 2)] = 1;
        }

        Interval many =
                ScoredRecords.of(records, probabilities, 2).bootstrap(400, 3).accuracy();
        MetricIntervals single = scored(new float[] {1, 0}, new int[] {0}, 2).bootstrap(400, 3);

        assertTrue(many.low() < 0.6 && many.high() > 0.7, many.toString());
        assertEquals(new Interval(0, 1), single.accuracy());
        assertEquals(Optional.empty(), single.auroc());
    }

    /**
     * Scores of two unit normals one apart have the AUROC Phi(1 / sqrt 2) = 0.7602 (the shared part of a subject's
     * records does not change the marginal distribution). About 95 % of the intervals must hold it; 150 trials, so
     * 0.88 to 0.99 leaves three standard errors below and the bootstrap's known optimism with few subjects.
     */
    @Test
    void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
        int trials = 150;
        int held = 0;
        for (int trial = 0; trial < trials; trial++) {
            Random random = new Random(1000 + trial);
            List<SiteRecord> records = new ArrayList<>();
            float[] probabilities = new float[2 * 240];
            for (int subject = 0; subject < 80; subject++) {
                double shared = random.nextGaussian() * Math.sqrt(0.5);
                for (int take = 0; take < 3; take++) {
                    int i = 3 * subject + take;
                    records.add(record("r" + i, "s" + subject, "site-" + subject % 2, subject / 2 % 2));
                    double score = subject / 2 % 2 + shared + random.nextGaussian() * Math.sqrt(0.5);
                    probabilities[2 * i + 1] = (float) (1 / (1 + Math.exp(-score)));
                    probabilities[2 * i] = 1 - probabilities[2 * i + 1];
                }
            }
            Interval auroc = ScoredRecords.of(records, probabilities, 2)
                    .bootstrap(400, trial)
                    .auroc()
                    .orElseThrow();
            held += auroc.low() <= 0.7602 && 0.7602 <= auroc.high() ? 1 : 0;
        }
        double coverage = (double) held / trials;
        assertTrue(coverage >= 0.88 && coverage <= 0.99, "coverage " + coverage + " in trials seeded from 1000");
    }

    @Test
    void theSameSeedGivesTheSameBitsAndAnotherOneDoesNot() {
        Random random = new Random(2);
        ScoredRecords scored = ScoredRecords.of(
                records(random, random.ints(200, 0, 2).toArray(), 4, 80), probabilities(random, 200, 2, false), 2);

        assertEquals(scored.bootstrap(200, 9), scored.bootstrap(200, 9));
        assertFalse(scored.bootstrap(200, 9).equals(scored.bootstrap(200, 10)));
    }

    @Test
    void whatCannotBeScoredIsRefusedInOneSentence() {
        assertRefused(List.of(), new float[0], "no record to score: expected at least one held-out record, got 0");
        List<SiteRecord> one = List.of(record("r", "s", "a", 1));
        assertRefused(one, new float[] {1}, "1 records of 2 classes need 2 probabilities, got 1");
        assertRefused(one, new float[] {Float.NaN, 0}, "record 0 has probability NaN");
        assertThrows(
                IllegalArgumentException.class,
                () -> scored(new float[] {1, 0}, new int[] {0}, 2).bootstrap(0, 1));
        assertEquals(
                "ScoredRecords[2 classes]",
                scored(new float[] {1, 0}, new int[] {0}, 2).toString());
    }

    @Test
    void theMeanCountsEachOnceAndSkipsAbsentCurves() {
        Metrics one = new Metrics(10, OptionalDouble.of(0.9), 0.5, 0.25, 0.125, 1);
        Metrics other = new Metrics(1000, OptionalDouble.empty(), 1, 0.75, 0.375, 0.5);

        assertEquals(
                new Metrics(1010, OptionalDouble.of(0.9), 0.75, 0.5, 0.25, 0.75), Metrics.mean(List.of(one, other)));
        assertThrows(IllegalArgumentException.class, () -> Metrics.mean(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Metrics(1, OptionalDouble.of(Double.NaN), 0, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Interval(0.2, 0.1));
    }

    private static void assertRefused(List<SiteRecord> records, float[] probabilities, String message) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> ScoredRecords.of(records, probabilities, 2));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    /** One site, every record a subject of its own. */
    private static ScoredRecords scored(float[] probabilities, int[] labels, int classes) {
        return ScoredRecords.of(
                IntStream.range(0, labels.length)
                        .mapToObj(i -> record("r" + i, "s" + i, "site", labels[i]))
                        .toList(),
                probabilities,
                classes);
    }

    private static List<SiteRecord> records(Random random, int[] labels, int sites, int subjects) {
        return IntStream.range(0, labels.length)
                .mapToObj(i -> {
                    int subject = random.nextInt(subjects);
                    return record("r" + i, "s" + subject, "site-" + subject % sites, labels[i]);
                })
                .toList();
    }

    private static SiteRecord record(String id, String subject, String site, int label) {
        return new SiteRecord(
                id,
                subject,
                site,
                null,
                Map.of(),
                label,
                new SiteRecord.Consent.Granted(Set.of("research")),
                new SiteRecord.Provenance("test", List.of()));
    }

    /** Mean over the defined classes of the share of pairs in order, pair by pair. */
    private static OptionalDouble bruteAuroc(float[] probabilities, int[] labels, int classes) {
        double sum = 0;
        int defined = 0;
        for (int k = classes == 2 ? 1 : 0; k < classes; k++) {
            double inOrder = 0;
            long pairs = 0;
            for (int i = 0; i < labels.length; i++) {
                for (int j = 0; labels[i] == k && j < labels.length; j++) {
                    if (labels[j] != k) {
                        pairs++;
                        float difference = probabilities[i * classes + k] - probabilities[j * classes + k];
                        inOrder += difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
                    }
                }
            }
            if (pairs > 0) {
                sum += inOrder / pairs;
                defined++;
            }
        }
        return defined == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / defined);
    }

    private static float[] probabilities(Random random, int n, int classes, boolean coarse) {
        float[] probabilities = new float[n * classes];
        for (int i = 0; i < n; i++) {
            double[] odds = new double[classes];
            double sum = 0;
            for (int k = 0; k < classes; k++) {
                odds[k] = coarse ? 1 + random.nextInt(2) : Math.exp(2 * random.nextGaussian());
                sum += odds[k];
            }
            for (int k = 0; k < classes; k++) {
                probabilities[i * classes + k] = (float) (odds[k] / sum);
            }
        }
        return probabilities;
    }
}
