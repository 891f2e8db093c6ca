package dev.parley.rounds;

import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.WeightedMean;
import dev.parley.rounds.RobustRule.Combination;
import java.util.Arrays;
import java.util.List;

/**
 * Combines the means of groups into one. Deterministic to the bit; every group counts alike, because a weight is what a lie
 * would claim first.
 */
final class GroupMeans {
    private GroupMeans() {}

    /** @throws IllegalStateException if fewer groups are left than the combination needs */
    static WeightedMean combine(List<WeightedMean> groups, Combination combination) {
        if (groups.size() < combination.fewestGroups()) {
            throw new IllegalStateException("only " + groups.size() + " groups could be opened, " + combination
                    + " needs at least " + combination.fewestGroups());
        }
        ParameterLayout layout = groups.getFirst().update().layout();
        float[][] means = groups.stream().map(mean -> mean.update().toArray()).toArray(float[][]::new);
        float[] combined = switch (combination) {
            case Combination.Median median -> trimmed(means, (means.length - 1) / 2);
            case Combination.TrimmedMean trimmedMean -> trimmed(means, trimmedMean.trim());
            case Combination.Krum krum -> means[krum(means, krum.malformed())];
        };
        return new WeightedMean(
                ParameterVector.of(layout, combined),
                groups.stream().mapToDouble(WeightedMean::totalWeight).sum(),
                groups.stream().mapToInt(WeightedMean::contributions).sum());
    }

    /** Each coordinate's mean without {@code trim} values at either end; of an even number, the median is that of the middle two. */
    private static float[] trimmed(float[][] means, int trim) {
        int groups = means.length;
        float[] combined = new float[means[0].length];
        float[] column = new float[groups];
        for (int i = 0; i < combined.length; i++) {
            for (int group = 0; group < groups; group++) {
                column[group] = means[group][i];
            }
            Arrays.sort(column);
            double sum = 0;
            for (int group = trim; group < groups - trim; group++) {
                sum += column[group];
            }
            combined[i] = (float) (sum / (groups - 2 * trim));
        }
        return combined;
    }

    /** The group with the smallest sum of squared distances to its {@code groups - malformed - 2} nearest; the first of equals. */
    private static int krum(float[][] means, int malformed) {
        int groups = means.length;
        double[][] distances = new double[groups][groups];
        for (int a = 0; a < groups; a++) {
            for (int b = a + 1; b < groups; b++) {
                distances[a][b] = squaredDistance(means[a], means[b]);
                distances[b][a] = distances[a][b];
            }
        }
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int group = 0; group < groups; group++) {
            double[] sorted = distances[group].clone();
            Arrays.sort(sorted);
            double score = 0;
            // The smallest is the distance to itself.
            for (int nearest = 1; nearest <= groups - malformed - 2; nearest++) {
                score += sorted[nearest];
            }
            if (score < least) {
                least = score;
                best = group;
            }
        }
        return best;
    }

    private static double squaredDistance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }
}
