package dev.parley.sim.world;

import java.util.Arrays;
import java.util.List;

/**
 * Logistic regression on a few features, fitted by gradient descent with every feature brought to deviation 1: a reader
 * of evidence that is as good as any where evidence is normal given the label.
 */
final class LogisticProbe {
    private static final int STEPS = 300;
    private static final double RATE = 1;
    private static final double DECAY = 1e-3;

    private LogisticProbe() {}

    /**
     * Fits on the first half and scores the second.
     *
     * @return area under the ROC curve on the second half
     */
    static double auroc(List<double[]> features, List<Boolean> labels) {
        int half = features.size() / 2;
        List<double[]> scaled = standardised(features);
        double[] weights = fit(scaled.subList(0, half), labels.subList(0, half));
        double[] scores = scaled.subList(half, scaled.size()).stream()
                .mapToDouble(row -> score(weights, row))
                .toArray();
        return area(scores, labels.subList(half, labels.size()));
    }

    private static List<double[]> standardised(List<double[]> rows) {
        int width = rows.getFirst().length;
        double[] mean = new double[width];
        double[] deviation = new double[width];
        for (int i = 0; i < width; i++) {
            int column = i;
            mean[i] = rows.stream().mapToDouble(row -> row[column]).average().orElseThrow();
            deviation[i] = Math.sqrt(rows.stream()
                    .mapToDouble(row -> (row[column] - mean[column]) * (row[column] - mean[column]))
                    .average()
                    .orElseThrow());
        }
        return rows.stream()
                .map(row -> {
                    double[] scaled = new double[width];
                    Arrays.setAll(scaled, i -> (row[i] - mean[i]) / (deviation[i] + 1e-9));
                    return scaled;
                })
                .toList();
    }

    /** The last weight is the bias. */
    private static double[] fit(List<double[]> rows, List<Boolean> labels) {
        int width = rows.getFirst().length;
        double[] weights = new double[width + 1];
        for (int step = 0; step < STEPS; step++) {
            double[] gradient = new double[width + 1];
            for (int r = 0; r < rows.size(); r++) {
                double error = 1 / (1 + Math.exp(-score(weights, rows.get(r)))) - (labels.get(r) ? 1 : 0);
                for (int i = 0; i < width; i++) {
                    gradient[i] += error * rows.get(r)[i] / rows.size();
                }
                gradient[width] += error / rows.size();
            }
            for (int i = 0; i <= width; i++) {
                weights[i] -= RATE * (gradient[i] + DECAY * weights[i]);
            }
        }
        return weights;
    }

    private static double score(double[] weights, double[] row) {
        double score = weights[row.length];
        for (int i = 0; i < row.length; i++) {
            score += weights[i] * row[i];
        }
        return score;
    }

    private static double area(double[] scores, List<Boolean> labels) {
        double won = 0;
        long pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (labels.get(i) && !labels.get(j)) {
                    pairs++;
                    won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        return won / pairs;
    }
}
