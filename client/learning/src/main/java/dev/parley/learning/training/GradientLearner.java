package dev.parley.learning.training;

import ai.djl.pytorch.engine.PtNDArray;
import dev.parley.learning.multimodal.Network;
import dev.parley.learning.multimodal.StepScope;
import dev.parley.learning.multimodal.TensorArena;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.Recutting;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A {@link Network} trained by minibatch gradient descent. All randomness comes from the seed through one generator in a
 * fixed order, so threads cannot disturb each other.
 */
final class GradientLearner implements Learner {
    private static final int PREDICTION_BATCH = 64;

    private final LearningConfiguration configuration;
    private final Network network;

    GradientLearner(LearningConfiguration configuration) {
        this.configuration = configuration;
        this.network = configuration.architecture().network(configuration.schema());
    }

    Network network() {
        return network;
    }

    @Override
    public RecordSchema schema() {
        return configuration.schema();
    }

    @Override
    public ParameterLayout layout() {
        return network.layout();
    }

    @Override
    public ParameterVector initialise(long seed) {
        return network.initialise(seed);
    }

    @Override
    public boolean needsStatistics() {
        return network.needsStatistics();
    }

    @Override
    public ParameterVector statistics(ParameterVector model, List<SiteRecord> records) {
        return network.statistics(model, records);
    }

    @Override
    public Trained train(
            ParameterVector model, List<SiteRecord> records, RoundPosition position, long seed, StepListener progress) {
        if (records.isEmpty()) {
            return new Trained(model, 0, 0, 0);
        }
        List<SiteRecord> shown = withCuts(records);
        Network.Prepared prepared = network.prepare(model, shown, Set.copyOf(schema().modalityNames()));
        var random = new SplittableRandom(seed);
        int[] order = new int[shown.size()];
        Arrays.setAll(order, i -> i);
        int batchSize = configuration.batchSize();
        int perEpoch = (order.length + batchSize - 1) / batchSize;
        int steps = perEpoch * configuration.localEpochs();
        float[] weights = model.toArray();
        float[] gradient = new float[weights.length];
        var optimizer = new LocalOptimizer(configuration.optimizer(), network, weights, position.proximalMu());
        double lossSum = 0;
        try (TensorArena arena = TensorArena.open(layout())) {
            for (int step = 0; step < steps; step++) {
                if (step % perEpoch == 0) {
                    shuffle(order, random);
                }
                int start = step % perEpoch * batchSize;
                int[] batch = Arrays.copyOfRange(order, start, Math.min(order.length, start + batchSize));
                arena.load(weights);
                try (StepScope scope = arena.trainingStep()) {
                    PtNDArray loss = prepared.loss(scope, batch, random, configuration.objective());
                    scope.backward(loss);
                    scope.copyGradient(gradient);
                    lossSum += StepScope.values(loss)[0];
                }
                double factor = configuration.schedule().factor(position, (double) step / steps);
                optimizer.step(weights, gradient, factor);
                progress.onStep(step + 1, steps);
            }
        }
        return new Trained(ParameterVector.of(layout(), weights), records.size(), steps, lossSum / steps);
    }

    /** Cuts are shown in training only: they neither count as records nor enter what sites agree on. */
    private List<SiteRecord> withCuts(List<SiteRecord> records) {
        double every = configuration.objective().augmentation().recutSeconds();
        if (every == 0) {
            return records;
        }
        return Stream.concat(records.stream(), new Recutting(schema(), every).cuts(records).stream())
                .toList();
    }

    /** Fisher-Yates. */
    private static void shuffle(int[] order, SplittableRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }

    @Override
    public float[] predict(ParameterVector model, List<SiteRecord> records, Set<String> present) {
        Network.Prepared prepared = network.prepare(model, records, present);
        int classes = schema().classes().size();
        float[] probabilities = new float[records.size() * classes];
        try (TensorArena arena = TensorArena.open(layout())) {
            arena.load(model.toArray());
            for (int start = 0; start < records.size(); start += PREDICTION_BATCH) {
                int[] batch = new int[Math.min(PREDICTION_BATCH, records.size() - start)];
                int first = start;
                Arrays.setAll(batch, i -> first + i);
                try (StepScope scope = arena.predictionStep()) {
                    float[] scores = StepScope.values(prepared.scores(scope, batch));
                    softmax(scores, classes, probabilities, start * classes);
                }
            }
        }
        return probabilities;
    }

    private static void softmax(float[] scores, int classes, float[] probabilities, int offset) {
        for (int row = 0; row < scores.length; row += classes) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                largest = Math.max(largest, scores[row + c]);
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(scores[row + c] - largest);
            }
            for (int c = 0; c < classes; c++) {
                probabilities[offset + row + c] = (float) (Math.exp(scores[row + c] - largest) / sum);
            }
        }
    }
}
