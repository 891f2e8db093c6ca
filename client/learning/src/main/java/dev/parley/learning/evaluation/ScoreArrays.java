package dev.parley.learning.evaluation;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Scores of n records, prepared so that the metrics of any multiset of these records cost one pass.
 *
 * <p>What depends on a record alone is computed once: its predicted class, its confidence, its Brier term. For the
 * AUROC the records are sorted once by each class's score; a resample is then a vector of multiplicities over the same
 * order, and Mann-Whitney's count is a running sum in which equal scores form one group. Counts of pairs are integers,
 * so they are exact: up to 2^31 records in a multiset no product exceeds 2^63.
 */
final class ScoreArrays {
    private static final int CONFIDENCE_BINS = 15;

    private final int classes;
    private final int[] labels;
    private final int[] predicted;
    private final float[] confidence;
    private final double[] squaredMiss;
    /** Classes whose one-against-the-rest curve counts: class 1 of two, all of more. */
    private final Ranking[] rankings;

    /** @param probabilities row-major {@code labels.length x classes}, checked by the caller */
    ScoreArrays(float[] probabilities, int[] labels, int classes) {
        this.classes = classes;
        this.labels = labels;
        this.predicted = new int[labels.length];
        this.confidence = new float[labels.length];
        this.squaredMiss = new double[labels.length];
        for (int record = 0; record < labels.length; record++) {
            prepare(probabilities, record);
        }
        int first = classes == 2 ? 1 : 0;
        this.rankings = new Ranking[classes - first];
        for (int k = first; k < classes; k++) {
            rankings[k - first] = Ranking.of(probabilities, labels, classes, k);
        }
    }

    private void prepare(float[] probabilities, int record) {
        int best = 0;
        double squared = 0;
        for (int k = 0; k < classes; k++) {
            float p = probabilities[record * classes + k];
            best = p > probabilities[record * classes + best] ? k : best;
            double miss = p - (k == labels[record] ? 1.0 : 0.0);
            squared += miss * miss;
        }
        predicted[record] = best;
        confidence[record] = probabilities[record * classes + best];
        squaredMiss[record] = squared;
    }

    /** @param times how often each record counts; not all zero */
    Metrics metrics(int[] times) {
        long n = 0;
        double brier = 0;
        double[] overconfidence = new double[CONFIDENCE_BINS];
        long[] hits = new long[classes];
        long[] truths = new long[classes];
        long[] predictions = new long[classes];
        for (int record = 0; record < times.length; record++) {
            int count = times[record];
            int label = labels[record];
            boolean hit = predicted[record] == label;
            n += count;
            brier += count * squaredMiss[record];
            truths[label] += count;
            predictions[predicted[record]] += count;
            hits[label] += hit ? count : 0;
            // Widened before it is multiplied, so that the bin is the one of EvaluationCounts.
            double sure = confidence[record];
            int bin = Math.min(CONFIDENCE_BINS - 1, (int) (sure * CONFIDENCE_BINS));
            overconfidence[bin] += count * (sure - (hit ? 1 : 0));
        }
        long correct = 0;
        double f1 = 0;
        int present = 0;
        for (int k = 0; k < classes; k++) {
            correct += hits[k];
            if (truths[k] + predictions[k] > 0) {
                present++;
                f1 += 2.0 * hits[k] / (truths[k] + predictions[k]);
            }
        }
        double gaps = 0;
        for (double gap : overconfidence) {
            gaps += Math.abs(gap);
        }
        return new Metrics(n, auroc(times), (double) correct / n, f1 / present, gaps / n, brier / n);
    }

    private OptionalDouble auroc(int[] times) {
        double sum = 0;
        int defined = 0;
        for (Ranking ranking : rankings) {
            double area = ranking.area(times);
            if (area >= 0) {
                sum += area;
                defined++;
            }
        }
        return defined == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / defined);
    }

    /**
     * Records in ascending order of one class's score.
     *
     * @param order record indices
     * @param positive by position: whether the record is of the class
     * @param last by position: whether the next score is higher, or there is none
     */
    private record Ranking(int[] order, boolean[] positive, boolean[] last) {
        static Ranking of(float[] probabilities, int[] labels, int classes, int k) {
            int n = labels.length;
            // Scores are not negative (+ 0.0f makes -0 a 0), so their bits rise with them: one primitive sort of
            // (score, index).
            long[] keys = new long[n];
            for (int record = 0; record < n; record++) {
                float score = probabilities[record * classes + k] + 0.0f;
                keys[record] = ((long) Float.floatToRawIntBits(score) << Integer.SIZE) | record;
            }
            Arrays.sort(keys);
            int[] order = new int[n];
            boolean[] positive = new boolean[n];
            boolean[] last = new boolean[n];
            for (int at = 0; at < n; at++) {
                order[at] = (int) keys[at];
                positive[at] = labels[order[at]] == k;
                last[at] = at == n - 1 || keys[at] >> Integer.SIZE != keys[at + 1] >> Integer.SIZE;
            }
            return new Ranking(order, positive, last);
        }

        /**
         * Share of (positive, negative) pairs in the right order, equal scores counting half; -1 if there is no pair.
         */
        double area(int[] times) {
            long positivesHere = 0;
            long negativesHere = 0;
            long positives = 0;
            long negativesBelow = 0;
            long halvesInOrder = 0;
            for (int at = 0; at < order.length; at++) {
                int count = times[order[at]];
                if (positive[at]) {
                    positivesHere += count;
                } else {
                    negativesHere += count;
                }
                if (last[at]) {
                    halvesInOrder += positivesHere * (2 * negativesBelow + negativesHere);
                    positives += positivesHere;
                    negativesBelow += negativesHere;
                    positivesHere = 0;
                    negativesHere = 0;
                }
            }
            return positives == 0 || negativesBelow == 0 ? -1 : halvesInOrder / (2.0 * positives * negativesBelow);
        }
    }
}
