package dev.parley.learning.training;

import dev.parley.learning.multimodal.Network;
import dev.parley.learning.multimodal.Network.Pace;
import dev.parley.learning.training.OptimizerSettings.AdamW;
import dev.parley.learning.training.OptimizerSettings.Sgd;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import java.util.List;

/**
 * The optimiser of one round at one site: clips the gradient of the records, adds the proximal pull towards the round's
 * model (Li et al., "Federated Optimization in Heterogeneous Networks", MLSys 2020), and moves the weights. Plain Java
 * loops in a fixed order.
 */
final class LocalOptimizer {
    private final OptimizerSettings settings;
    private final double proximalMu;
    private final float[] start;
    private final float[] momentum;
    private final float[] square;
    private final List<Run> runs;
    private int steps;

    /** Consecutive weights that move alike. */
    private record Run(int from, int to, Pace pace) {}

    LocalOptimizer(OptimizerSettings settings, Network network, float[] weights, double proximalMu) {
        this.settings = settings;
        this.proximalMu = proximalMu;
        this.start = proximalMu > 0 ? weights.clone() : new float[0];
        this.momentum = new float[weights.length];
        this.square = settings instanceof AdamW ? new float[weights.length] : new float[0];
        ParameterLayout layout = network.layout();
        this.runs = layout.blocks().stream()
                .map(block -> run(layout, block, network))
                .toList();
    }

    private static Run run(ParameterLayout layout, Block block, Network network) {
        int from = layout.offset(block.name());
        return new Run(from, from + block.size(), network.pace(block));
    }

    /**
     * @param weights changed in place
     * @param gradient of the mean loss; overwritten
     * @param factor the schedule's factor on both learning rates
     */
    void step(float[] weights, float[] gradient, double factor) {
        steps++;
        clip(gradient);
        for (Run run : runs) {
            double rate = factor * (run.pace() == Pace.WIDE ? settings.wideLearningRate() : settings.learningRate());
            if (run.pace() == Pace.FROZEN || rate == 0) {
                continue;
            }
            if (proximalMu > 0) {
                for (int i = run.from(); i < run.to(); i++) {
                    gradient[i] += (float) proximalMu * (weights[i] - start[i]);
                }
            }
            switch (settings) {
                case AdamW adam -> adam(adam, run, weights, gradient, rate);
                case Sgd sgd -> descend(sgd, run, weights, gradient, rate);
            }
        }
    }

    private void clip(float[] gradient) {
        double bound = settings.clipNorm();
        if (bound == 0) {
            return;
        }
        double squares = 0;
        for (float value : gradient) {
            squares += (double) value * value;
        }
        double norm = Math.sqrt(squares);
        if (norm > bound) {
            float scale = (float) (bound / norm);
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] *= scale;
            }
        }
    }

    private void adam(AdamW adam, Run run, float[] weights, float[] gradient, double rate) {
        float beta1 = (float) adam.beta1();
        float beta2 = (float) adam.beta2();
        float bias2 = (float) (1 / Math.sqrt(1 - Math.pow(adam.beta2(), steps)));
        float move = (float) (rate / (1 - Math.pow(adam.beta1(), steps)));
        float epsilon = (float) adam.epsilon();
        float keep = run.pace() == Pace.BODY ? (float) (1 - rate * adam.weightDecay()) : 1f;
        for (int i = run.from(); i < run.to(); i++) {
            float g = gradient[i];
            float m = beta1 * momentum[i] + (1 - beta1) * g;
            float v = beta2 * square[i] + (1 - beta2) * g * g;
            momentum[i] = m;
            square[i] = v;
            weights[i] = keep * weights[i] - move * m / ((float) Math.sqrt(v) * bias2 + epsilon);
        }
    }

    private void descend(Sgd sgd, Run run, float[] weights, float[] gradient, double rate) {
        float keep = (float) sgd.momentum();
        float decay = run.pace() == Pace.BODY ? (float) sgd.weightDecay() : 0f;
        float move = (float) rate;
        for (int i = run.from(); i < run.to(); i++) {
            momentum[i] = keep * momentum[i] + gradient[i] + decay * weights[i];
            weights[i] -= move * momentum[i];
        }
    }
}
