package dev.parley.learning.multimodal;

import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Per-example gradients one at a time by plain training steps, and what is made of them in double precision. */
final class ClippedSums {
    private ClippedSums() {}

    /** Row {@code i} is the gradient of record {@code i}'s loss, from a plain step of a batch of one. */
    static double[][] oneByOne(Network network, ParameterVector model, List<SiteRecord> records) {
        Network.Prepared prepared = network.prepare(model, records, modalities(records));
        double[][] gradients = new double[records.size()][network.layout().size()];
        float[] gradient = new float[network.layout().size()];
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            for (int i = 0; i < records.size(); i++) {
                try (StepScope scope = arena.trainingStep()) {
                    scope.backward(prepared.loss(scope, new int[] {i}, new SplittableRandom(1), TinyNetworks.PLAIN));
                    scope.copyGradient(gradient);
                }
                for (int j = 0; j < gradient.length; j++) {
                    gradients[i][j] = gradient[j];
                }
            }
        }
        return gradients;
    }

    /** The mean of the rows of each unit. */
    static double[][] means(double[][] rows, ExampleUnits units) {
        double[][] means = new double[units.count()][rows[0].length];
        for (int row = 0; row < rows.length; row++) {
            for (int j = 0; j < rows[row].length; j++) {
                means[units.unitOf(row)][j] += rows[row][j] / units.size(units.unitOf(row));
            }
        }
        return means;
    }

    static double norm(double[] gradient) {
        return Math.sqrt(Arrays.stream(gradient).map(x -> x * x).sum());
    }

    /** The middle of the norms, so that half of the units are clipped. */
    static double medianNorm(double[][] gradients) {
        double[] norms =
                Arrays.stream(gradients).mapToDouble(ClippedSums::norm).sorted().toArray();
        return (norms[norms.length / 2 - 1] + norms[norms.length / 2]) / 2;
    }

    static double[] sum(double[][] gradients, double bound) {
        double[] sum = new double[gradients[0].length];
        for (double[] gradient : gradients) {
            double factor = Math.min(1, bound / norm(gradient));
            for (int j = 0; j < sum.length; j++) {
                sum[j] += factor * gradient[j];
            }
        }
        return sum;
    }

    /** The clipped sum of one pass over the whole batch, and the norms it found. */
    record OnePass(float[] sum, double[] norms) {}

    static OnePass onePass(
            Network network, ParameterVector model, List<SiteRecord> records, ExampleUnits units, double bound) {
        Network.Prepared prepared = network.prepare(model, records, modalities(records));
        float[] sum = new float[network.layout().size()];
        double[] norms = new double[units.count()];
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            try (PerExampleScope scope = arena.perExampleStep(network, units)) {
                PerExampleGradients gradients = scope.gradients(
                        prepared.loss(scope, TinyNetworks.all(records), new SplittableRandom(1), TinyNetworks.PLAIN));
                for (int unit = 0; unit < norms.length; unit++) {
                    norms[unit] = Math.sqrt(gradients.squaredNorm(unit));
                }
                gradients.addWeightedSum((layer, unit) -> Math.min(1, bound / norms[unit]), sum);
            }
        }
        return new OnePass(sum, norms);
    }

    /**
     * Blocks whose difference is longer than {@code tolerance} times what was added up in them, each with its figures.
     * What was added up is the sum of the units' norms, not the norm of their sum: where gradients cancel, the rounding
     * of each remains.
     */
    static List<String> differences(
            Network network, double[][] gradients, double bound, float[] actual, double tolerance) {
        double[] expected = sum(gradients, bound);
        List<String> wrong = new ArrayList<>();
        for (Block block : network.layout().blocks()) {
            int from = network.layout().offset(block.name());
            int to = from + block.size();
            double added = 0;
            for (double[] gradient : gradients) {
                added += Math.min(1, bound / norm(gradient)) * norm(Arrays.copyOfRange(gradient, from, to));
            }
            double difference = distance(expected, actual, from, to);
            if (!(difference <= tolerance * added)) {
                wrong.add(block.name() + ": difference " + difference + " of " + added);
            }
        }
        return wrong;
    }

    static double distance(double[] expected, float[] actual, int from, int to) {
        double difference = 0;
        for (int i = from; i < to; i++) {
            difference += (expected[i] - actual[i]) * (expected[i] - actual[i]);
        }
        return Math.sqrt(difference);
    }

    private static Set<String> modalities(List<SiteRecord> records) {
        Set<String> names = new TreeSet<>();
        records.forEach(record -> names.addAll(record.values().keySet()));
        return names;
    }
}
