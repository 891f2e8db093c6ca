package dev.parley.privacy.statistics;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What one site, or the sum of many, saw when a model scored held-out records. Pooled by addition: the counts of a union
 * of records are the sum of the counts, bit for bit and in any order, and so are the metrics.
 *
 * <p>One {@code long[]} of fixed layout for C classes:
 * <pre>
 * 0                              n, the number of records
 * 1                              Brier: sum of squared distances, in steps of 2^-20, rounded once for each record
 * 2 .. 2+C*C                     confusion matrix, row-major, row = truth, column = most probable class
 * then 15 x (count, correct, confidence)   by confidence of the most probable class; confidence summed in steps of 2^-20
 * then C x (512 positives, 512 negatives)  score histogram of each class against the rest, bins as in {@link ScoreBins}
 * </pre>
 *
 * <p><b>Guarantees</b>: every part is non-negative and the parts agree with each other. <b>Does not</b> hide a record:
 * these are plain counts, without noise, until federated analytics under differential privacy takes their place. With few
 * records at a site they say much about each.
 */
public final class EvaluationCounts {
    /** Most classes: {@code size(60)} is the largest that fits the contract's bound of 65,536 counts. */
    public static final int MAX_CLASSES = 60;

    /** Most records that counts may claim, so that no sum of parts overflows: Brier then needs 61 bits. */
    public static final long MAX_RECORDS = 1L << 40;

    private static final int CONFIDENCE_BINS = 15;
    private static final int CONFIDENCE_FIELDS = 3;
    private static final double FIXED_POINT = 1 << 20;
    private static final double SUM_TOLERANCE = 1e-3;

    private final int classes;
    private final long[] counts;

    private EvaluationCounts(int classes, long[] counts) {
        this.classes = classes;
        this.counts = counts;
    }

    /** @throws IllegalArgumentException if the number of classes is not 2 to {@value #MAX_CLASSES} */
    public static void requireClasses(int classes) {
        if (classes < 2 || classes > MAX_CLASSES) {
            throw new IllegalArgumentException("evaluation counts hold 2 to 60 classes, got " + classes);
        }
    }

    /** Length of the {@code long[]} for so many classes. */
    public static int size(int classes) {
        requireClasses(classes);
        return 2 + classes * classes + CONFIDENCE_BINS * CONFIDENCE_FIELDS + classes * 2 * ScoreBins.COUNT;
    }

    /** Counts of no records. */
    public static EvaluationCounts none(int classes) {
        return new EvaluationCounts(classes, new long[size(classes)]);
    }

    /**
     * Counts what a model said about records.
     *
     * @param probabilities row-major {@code labels.length x classes}, each in [0, 1], each row summing to 1 within 0.001
     * @param labels the true class of each record
     * @throws IllegalArgumentException if a length, label or probability breaks these rules
     */
    public static EvaluationCounts of(float[] probabilities, int[] labels, int classes) {
        requireScores(probabilities, labels, classes);
        EvaluationCounts counted = none(classes);
        for (int record = 0; record < labels.length; record++) {
            counted.count(probabilities, record * classes, labels[record]);
        }
        return counted;
    }

    /**
     * Refuses what {@link #of} refuses, for callers that keep the scores instead of counting them.
     *
     * @throws IllegalArgumentException if a length, label or probability breaks the rules of {@link #of}
     */
    public static void requireScores(float[] probabilities, int[] labels, int classes) {
        requireClasses(classes);
        if (probabilities.length != (long) labels.length * classes) {
            throw new IllegalArgumentException(labels.length + " records of " + classes + " classes need "
                    + (long) labels.length * classes + " probabilities, got " + probabilities.length);
        }
        for (int record = 0; record < labels.length; record++) {
            if (labels[record] < 0 || labels[record] >= classes) {
                throw new IllegalArgumentException(
                        "record " + record + " has label " + labels[record] + ", expected 0 to " + (classes - 1));
            }
            requireDistribution(probabilities, record, classes);
        }
    }

    private static void requireDistribution(float[] probabilities, int record, int classes) {
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            float p = probabilities[record * classes + k];
            if (!(p >= 0 && p <= 1)) {
                throw new IllegalArgumentException(
                        "record " + record + " has probability " + p + " for class " + k + ", expected 0 to 1");
            }
            sum += p;
        }
        if (Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw new IllegalArgumentException("the probabilities of record " + record + " sum to " + sum
                    + ", expected 1: pass them through a softmax first");
        }
    }

    private void count(float[] probabilities, int offset, int label) {
        int predicted = 0;
        double squared = 0;
        for (int k = 0; k < classes; k++) {
            float p = probabilities[offset + k];
            // Of equal probabilities the first class wins, at every site alike.
            predicted = p > probabilities[offset + predicted] ? k : predicted;
            double miss = p - (k == label ? 1.0 : 0.0);
            squared += miss * miss;
            counts[(k == label ? positives(k) : negatives(k)) + ScoreBins.of(p)]++;
        }
        double confidence = probabilities[offset + predicted];
        int bin = confidenceAt(Math.min(CONFIDENCE_BINS - 1, (int) (confidence * CONFIDENCE_BINS)));
        counts[0]++;
        counts[1] += Math.round(squared * FIXED_POINT);
        counts[confusion(label, predicted)]++;
        counts[bin]++;
        counts[bin + 1] += predicted == label ? 1 : 0;
        counts[bin + 2] += Math.round(confidence * FIXED_POINT);
    }

    /**
     * Reads counts from an untrusted source.
     *
     * @throws IllegalArgumentException if the length is wrong, a part is negative or too large, or two parts disagree
     */
    public static EvaluationCounts fromLongs(long[] counts, int classes) {
        if (counts.length != size(classes)) {
            throw new IllegalArgumentException("counts of " + classes + " classes have " + size(classes)
                    + " numbers, got " + counts.length + ": the site scores another task than this federation's");
        }
        EvaluationCounts read = new EvaluationCounts(classes, counts.clone());
        read.requireConsistent();
        return read;
    }

    /** The layout described above; a copy. */
    public long[] toLongs() {
        return counts.clone();
    }

    public int classes() {
        return classes;
    }

    /** Number of records. */
    public long n() {
        return counts[0];
    }

    /** Whether the sum with {@code other} exists: same classes, and within {@link #MAX_RECORDS}. */
    public boolean canAdd(EvaluationCounts other) {
        return classes == other.classes && n() + other.n() <= MAX_RECORDS;
    }

    /**
     * The counts of both sets of records together.
     *
     * @throws IllegalArgumentException unless {@link #canAdd}
     */
    public EvaluationCounts plus(EvaluationCounts other) {
        if (!canAdd(other)) {
            throw new IllegalArgumentException("counts of " + classes + " and " + other.classes + " classes over "
                    + n() + " and " + other.n() + " records have no sum: expected equal classes and at most "
                    + MAX_RECORDS + " records");
        }
        long[] sum = counts.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.counts[i];
        }
        return new EvaluationCounts(classes, sum);
    }

    /** The metrics; empty if there are no records. */
    public Optional<EvaluationMetrics> metrics() {
        if (n() == 0) {
            return Optional.empty();
        }
        return Optional.of(new EvaluationMetrics(
                n(), (double) correct() / n(), macroF1(), auroc(), ece(), counts[1] / FIXED_POINT / n()));
    }

    private long correct() {
        long correct = 0;
        for (int k = 0; k < classes; k++) {
            correct += counts[confusion(k, k)];
        }
        return correct;
    }

    private double macroF1() {
        double sum = 0;
        int present = 0;
        for (int k = 0; k < classes; k++) {
            long truthAndPrediction = 0;
            for (int j = 0; j < classes; j++) {
                truthAndPrediction += counts[confusion(k, j)] + counts[confusion(j, k)];
            }
            if (truthAndPrediction > 0) {
                present++;
                sum += 2.0 * counts[confusion(k, k)] / truthAndPrediction;
            }
        }
        return sum / present;
    }

    private OptionalDouble auroc() {
        double sum = 0;
        int defined = 0;
        for (int k = classes == 2 ? 1 : 0; k < classes; k++) {
            OptionalDouble ofClass = auroc(k);
            if (ofClass.isPresent()) {
                sum += ofClass.getAsDouble();
                defined++;
            }
        }
        return defined == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / defined);
    }

    /** Mann-Whitney: the share of (positive, negative) pairs in the right order, pairs of one bin counting half. */
    private OptionalDouble auroc(int k) {
        double negativesBelow = 0;
        double positives = 0;
        double inOrder = 0;
        for (int bin = 0; bin < ScoreBins.COUNT; bin++) {
            double positive = counts[positives(k) + bin];
            double negative = counts[negatives(k) + bin];
            inOrder += positive * (negativesBelow + negative / 2);
            negativesBelow += negative;
            positives += positive;
        }
        return positives == 0 || negativesBelow == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(inOrder / (positives * negativesBelow));
    }

    private double ece() {
        double gaps = 0;
        for (int bin = 0; bin < CONFIDENCE_BINS; bin++) {
            int at = confidenceAt(bin);
            gaps += Math.abs(counts[at + 1] - counts[at + 2] / FIXED_POINT);
        }
        return gaps / n();
    }

    private void requireConsistent() {
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] < 0) {
                throw inconsistent("number " + i + " is " + counts[i] + ", expected 0 or more");
            }
        }
        require(n() <= MAX_RECORDS, "n is " + n() + ", at most " + MAX_RECORDS + " is believed");
        require(counts[1] <= 2 * n() * (long) FIXED_POINT, "the Brier sum exceeds 2 for each record");
        for (int i = 2; i < counts.length; i++) {
            boolean fixedPoint = i >= confidenceAt(0)
                    && i < positives(0)
                    && (i - confidenceAt(0)) % CONFIDENCE_FIELDS == CONFIDENCE_FIELDS - 1;
            require(fixedPoint || counts[i] <= n(), "number " + i + " is " + counts[i] + " of " + n() + " records");
        }
        // From here no sum can overflow: fewer than 2^17 numbers of at most 2^40.
        require(sum(2, classes * classes) == n(), "the confusion matrix does not sum to n = " + n());
        requireConsistentConfidence();
        for (int k = 0; k < classes; k++) {
            long truth = sum(confusion(k, 0), classes);
            require(
                    sum(positives(k), ScoreBins.COUNT) == truth && sum(negatives(k), ScoreBins.COUNT) == n() - truth,
                    "the score histograms of class " + k + " do not hold " + truth + " positives and " + (n() - truth)
                            + " negatives, as the confusion matrix does");
        }
    }

    private void requireConsistentConfidence() {
        long records = 0;
        long correct = 0;
        for (int bin = 0; bin < CONFIDENCE_BINS; bin++) {
            int at = confidenceAt(bin);
            records += counts[at];
            correct += counts[at + 1];
            require(counts[at + 1] <= counts[at], "confidence bin " + bin + " has more correct records than records");
            double lowest = counts[at] * Math.floor(FIXED_POINT * bin / CONFIDENCE_BINS);
            double highest = counts[at] * Math.ceil(FIXED_POINT * (bin + 1) / CONFIDENCE_BINS);
            require(
                    counts[at + 2] >= lowest && counts[at + 2] <= highest,
                    "the confidences of bin " + bin + " do not lie in it");
        }
        require(records == n(), "the confidence bins do not sum to n = " + n());
        require(correct == correct(), "the confidence bins count other correct records than the confusion matrix");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw inconsistent(message);
        }
    }

    private static IllegalArgumentException inconsistent(String message) {
        return new IllegalArgumentException("these are not evaluation counts: " + message);
    }

    private long sum(int from, int length) {
        long sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += counts[i];
        }
        return sum;
    }

    private int confusion(int truth, int predicted) {
        return 2 + truth * classes + predicted;
    }

    private int confidenceAt(int bin) {
        return 2 + classes * classes + bin * CONFIDENCE_FIELDS;
    }

    private int positives(int k) {
        return confidenceAt(CONFIDENCE_BINS) + k * 2 * ScoreBins.COUNT;
    }

    private int negatives(int k) {
        return positives(k) + ScoreBins.COUNT;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EvaluationCounts that && classes == that.classes && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return 31 * classes + Arrays.hashCode(counts);
    }

    /** Never the counts: they are about records. */
    @Override
    public String toString() {
        return "EvaluationCounts[" + classes + " classes]";
    }
}
