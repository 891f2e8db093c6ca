package dev.parley.learning.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.multimodal.BottleneckTransformer.Tier;
import dev.parley.learning.multimodal.Network;
import dev.parley.learning.multimodal.Network.Pace;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.learning.training.OptimizerSettings.AdamW;
import dev.parley.learning.training.OptimizerSettings.Sgd;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The optimisers against the papers' formulas in double precision. */
class LocalOptimizerTest {
    private static final long SEED = 23;
    private static final int STEPS = 25;
    private static final Network NETWORK = Tier.XS.architecture().network(TinyRecords.SCHEMA);
    private static final int SIZE = NETWORK.layout().size();

    private final Pace[] pace = paces();

    private static Pace[] paces() {
        Pace[] paces = new Pace[SIZE];
        for (Block block : NETWORK.layout().blocks()) {
            int offset = NETWORK.layout().offset(block.name());
            java.util.Arrays.fill(paces, offset, offset + block.size(), NETWORK.pace(block));
        }
        return paces;
    }

    @Test
    void everyPaceIsThere() {
        for (Pace each : Pace.values()) {
            assertTrue(List.of(pace).contains(each), "no block of pace " + each);
        }
    }

    @Test
    void adamWFollowsItsPaper() {
        var settings = new AdamW(0.003, 0.05, 0.7, 0.9, 0.95, 1e-8, 0.1);
        for (double mu : new double[] {0, 0.3}) {
            double[] weights = doubles(start());
            double[] begin = weights.clone();
            double[] m = new double[SIZE];
            double[] v = new double[SIZE];
            float[] trained = start();
            var optimizer = new LocalOptimizer(settings, NETWORK, trained, mu);
            for (int step = 1; step <= STEPS; step++) {
                float[] gradient = gradient(step);
                double factor = 1.0 / step;
                double[] g = clipped(doubles(gradient), 0.7);
                for (int i = 0; i < SIZE; i++) {
                    double rate = factor * (pace[i] == Pace.WIDE ? 0.05 : pace[i] == Pace.FROZEN ? 0 : 0.003);
                    if (pace[i] == Pace.FROZEN) {
                        continue;
                    }
                    g[i] += mu * (weights[i] - begin[i]);
                    m[i] = 0.9 * m[i] + 0.1 * g[i];
                    v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i];
                    double corrected = m[i] / (1 - Math.pow(0.9, step));
                    double deviation = Math.sqrt(v[i] / (1 - Math.pow(0.95, step)));
                    double decay = pace[i] == Pace.BODY ? 0.1 : 0;
                    weights[i] -= rate * (corrected / (deviation + 1e-8) + decay * weights[i]);
                }
                optimizer.step(trained, gradient, factor);
            }
            close(weights, trained, "AdamW, mu " + mu);
        }
    }

    @Test
    void sgdFollowsTheHeavyBall() {
        var settings = new Sgd(0.05, 0.2, 0.7, 0.9, 0.01);
        for (double mu : new double[] {0, 0.3}) {
            double[] weights = doubles(start());
            double[] begin = weights.clone();
            double[] m = new double[SIZE];
            float[] trained = start();
            var optimizer = new LocalOptimizer(settings, NETWORK, trained, mu);
            for (int step = 1; step <= STEPS; step++) {
                float[] gradient = gradient(step);
                double[] g = clipped(doubles(gradient), 0.7);
                for (int i = 0; i < SIZE; i++) {
                    if (pace[i] == Pace.FROZEN) {
                        continue;
                    }
                    double decay = pace[i] == Pace.BODY ? 0.01 : 0;
                    m[i] = 0.9 * m[i] + g[i] + mu * (weights[i] - begin[i]) + decay * weights[i];
                    weights[i] -= 0.5 * (pace[i] == Pace.WIDE ? 0.2 : 0.05) * m[i];
                }
                optimizer.step(trained, gradient, 0.5);
            }
            close(weights, trained, "SGD, mu " + mu);
        }
    }

    @Test
    void aClippedStepIsAtMostTheBoundLong() {
        // With learning rates of 1 and no momentum the move is the gradient as clipped.
        for (double bound : new double[] {0.01, 1, 1e6}) {
            var settings = new Sgd(1, 1, bound, 0, 0);
            for (float size : new float[] {1e-6f, 1, 1e10f}) {
                float[] weights = new float[SIZE];
                float[] gradient = gradient(1);
                for (int i = 0; i < SIZE; i++) {
                    gradient[i] *= pace[i] == Pace.FROZEN ? 0 : size;
                }
                double before = norm(gradient);
                new LocalOptimizer(settings, NETWORK, weights, 0).step(weights, gradient, 1);
                double expected = Math.min(bound, before);
                assertEquals(
                        expected, norm(weights), 1e-6 * expected, "gradient of length " + before + ", bound " + bound);
            }
        }
    }

    @Test
    void aBoundOfZeroClipsNothing() {
        float[] weights = new float[SIZE];
        float[] gradient = gradient(1);
        for (int i = 0; i < SIZE; i++) {
            gradient[i] *= pace[i] == Pace.FROZEN ? 0 : 1000;
        }
        double before = norm(gradient);
        new LocalOptimizer(new Sgd(1, 1, 0, 0, 0), NETWORK, weights, 0).step(weights, gradient, 1);
        assertEquals(before, norm(weights), 1e-6 * before);
    }

    @Test
    void aLearningRateOfZeroMovesNothing() {
        float[] weights = start();
        var optimizer = new LocalOptimizer(new AdamW(0, 0, 1, 0.9, 0.95, 1e-8, 0.1), NETWORK, weights, 0.1);
        optimizer.step(weights, gradient(1), 1);
        assertArrayEquals(start(), weights);
    }

    @Test
    void theProximalTermPullsTowardsTheStart() {
        float[] begin = start();
        float[] weights = begin.clone();
        var optimizer = new LocalOptimizer(new Sgd(0.1, 0.1, 0, 0, 0), NETWORK, weights, 2);
        for (int i = 0; i < SIZE; i++) {
            weights[i] += pace[i] == Pace.FROZEN ? 0 : 1;
        }
        optimizer.step(weights, new float[SIZE], 1);
        for (int i = 0; i < SIZE; i++) {
            // One step removes the share rate * mu of the distance.
            float expected = begin[i] + (pace[i] == Pace.FROZEN ? 0 : 0.8f);
            assertEquals(expected, weights[i], 1e-5f, "not a share of 0.2 nearer to the start");
        }
    }

    @Test
    void fedProxStaysNearerToTheRoundsModel() {
        Learner learner = LearningConfiguration.of(
                        TinyRecords.SCHEMA,
                        Map.of(
                                "architecture", Map.of("width", 16, "heads", 2, "feedForward", 24, "layers", 2),
                                "optimizer", Map.of("type", "sgd", "learningRate", 0.05),
                                "localEpochs", 4))
                .learner();
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 32, 0.2, SEED);
        ParameterVector model = learner.statistics(learner.initialise(SEED), records);
        double last = Double.POSITIVE_INFINITY;
        for (double mu : new double[] {0, 1, 5}) {
            float[] trained = learner.train(model, records, new RoundPosition(0, 1, mu), SEED, StepListener.NONE)
                    .model()
                    .toArray();
            for (int i = 0; i < trained.length; i++) {
                trained[i] -= model.get(i);
            }
            double moved = norm(trained);
            assertTrue(moved < last, "mu " + mu + " moved " + moved + ", a smaller mu " + last);
            last = moved;
        }
    }

    private static float[] start() {
        float[] weights = NETWORK.initialise(SEED).toArray();
        for (int i = 0; i < weights.length; i++) {
            weights[i] += 0.01f;
        }
        return weights;
    }

    /** Of length about 1.7 times the bound in odd steps, and below it in even ones. */
    private static float[] gradient(int step) {
        var random = new SplittableRandom(SEED + step);
        float[] gradient = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            gradient[i] = (float) (random.nextGaussian() * (step % 2 == 1 ? 1.2 : 0.3) / Math.sqrt(SIZE));
        }
        return gradient;
    }

    private static double[] clipped(double[] gradient, double bound) {
        double squares = 0;
        for (double value : gradient) {
            squares += value * value;
        }
        double scale = Math.min(1, bound / Math.sqrt(squares));
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] *= scale;
        }
        return gradient;
    }

    private static double norm(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    /** Each of the steps rounds a few times to float32, of values of size about 1: 1e-7 each. */
    private static void close(double[] expected, float[] actual, String what) {
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs(expected[i] - actual[i]) / (1 + Math.abs(expected[i])));
        }
        assertTrue(worst < STEPS * 4e-7, what + ", seed " + SEED + ": off by " + worst);
    }
}
