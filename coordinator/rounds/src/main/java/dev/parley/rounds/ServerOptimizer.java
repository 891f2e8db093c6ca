package dev.parley.rounds;

import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.WeightedMean;
import java.util.Arrays;

/**
 * What the coordinator does with the weighted mean of a training round's updates. Each step is computed in double
 * precision, value by value in layout order, with operations that IEEE 754 defines to the bit, and rounded once: the same
 * arguments give the same bits on every machine.
 *
 * <p>FedProx (Li et al. 2020) is {@link FedAvg} here: its proximal term acts at the sites and travels in the plan.
 */
public sealed interface ServerOptimizer {
    /** What to begin with. */
    OptimizerState initial(ParameterLayout layout);

    /**
     * The model after one round.
     *
     * @throws IllegalArgumentException if {@code state} is not one of this optimiser's
     */
    Step step(ParameterVector model, WeightedMean mean, OptimizerState state);

    /** The next model, and what to remember. */
    record Step(ParameterVector model, OptimizerState state) {}

    /**
     * Adds the mean update: {@code v = momentum v + mean; model = model + learningRate v}. FedAvg (McMahan et al. 2017) at
     * rate 1 and momentum 0; with momentum FedAvgM (Hsu et al. 2019, section 4.3).
     *
     * @param learningRate above 0, at most 100
     * @param momentum 0 to below 1
     */
    record FedAvg(double learningRate, double momentum) implements ServerOptimizer {
        public FedAvg {
            requireRate(learningRate);
            requireDecay("momentum", momentum);
        }

        /** Plain federated averaging. */
        public FedAvg() {
            this(1, 0);
        }

        @Override
        public OptimizerState initial(ParameterLayout layout) {
            return momentum == 0
                    ? new OptimizerState.Stateless()
                    : new OptimizerState.Velocity(ParameterVector.zeros(layout));
        }

        @Override
        public Step step(ParameterVector model, WeightedMean mean, OptimizerState state) {
            float[] next = model.toArray();
            float[] update = mean.update().toArray();
            if (momentum == 0 && state instanceof OptimizerState.Stateless) {
                for (int i = 0; i < next.length; i++) {
                    next[i] = (float) (next[i] + learningRate * update[i]);
                }
                return new Step(ParameterVector.of(model.layout(), next), state);
            }
            if (momentum == 0 || !(state instanceof OptimizerState.Velocity before)) {
                throw foreign(this, state);
            }
            float[] velocity = before.velocity().toArray();
            for (int i = 0; i < next.length; i++) {
                velocity[i] = (float) (momentum * velocity[i] + update[i]);
                next[i] = (float) (next[i] + learningRate * velocity[i]);
            }
            return new Step(
                    ParameterVector.of(model.layout(), next),
                    new OptimizerState.Velocity(ParameterVector.of(model.layout(), velocity)));
        }
    }

    /**
     * FedAdam (Reddi et al. 2021, Algorithm 2): {@code m = beta1 m + (1 - beta1) mean; v = beta2 v + (1 - beta2) mean^2;
     * model = model + learningRate m / (sqrt(v) + epsilon)}, from m = 0 and v = epsilon^2, without bias correction, as in
     * the paper.
     *
     * @param learningRate above 0, at most 100
     * @param beta1 0 to below 1
     * @param beta2 0 to below 1
     * @param epsilon the paper's tau: above 0, at most 1. Larger is less adaptive
     */
    record FedAdam(double learningRate, double beta1, double beta2, double epsilon) implements ServerOptimizer {
        public FedAdam {
            requireRate(learningRate);
            requireDecay("beta1", beta1);
            requireDecay("beta2", beta2);
            // Below 1e-18 its square would vanish in float32.
            if (!(epsilon >= 1e-18 && epsilon <= 1)) {
                throw new IllegalArgumentException("epsilon is 1e-18 to 1, got " + epsilon + "; the paper uses 0.001");
            }
        }

        @Override
        public OptimizerState initial(ParameterLayout layout) {
            float[] second = new float[layout.size()];
            Arrays.fill(second, (float) (epsilon * epsilon));
            return new OptimizerState.Moments(ParameterVector.zeros(layout), ParameterVector.of(layout, second));
        }

        @Override
        public Step step(ParameterVector model, WeightedMean mean, OptimizerState state) {
            if (!(state instanceof OptimizerState.Moments before)) {
                throw foreign(this, state);
            }
            float[] next = model.toArray();
            float[] update = mean.update().toArray();
            float[] first = before.first().toArray();
            float[] second = before.second().toArray();
            for (int i = 0; i < next.length; i++) {
                double value = update[i];
                first[i] = (float) (beta1 * first[i] + (1 - beta1) * value);
                second[i] = (float) (beta2 * second[i] + (1 - beta2) * value * value);
                next[i] = (float) (next[i] + learningRate * first[i] / (Math.sqrt(second[i]) + epsilon));
            }
            return new Step(
                    ParameterVector.of(model.layout(), next),
                    new OptimizerState.Moments(
                            ParameterVector.of(model.layout(), first), ParameterVector.of(model.layout(), second)));
        }
    }

    private static void requireRate(double learningRate) {
        if (!(learningRate > 0 && learningRate <= 100)) {
            throw new IllegalArgumentException(
                    "a server learning rate is above 0 and at most 100, got " + learningRate);
        }
    }

    private static void requireDecay(String name, double decay) {
        if (!(decay >= 0 && decay < 1)) {
            throw new IllegalArgumentException(name + " is 0 or more and below 1, got " + decay);
        }
    }

    private static IllegalArgumentException foreign(ServerOptimizer optimizer, OptimizerState state) {
        return new IllegalArgumentException(optimizer + " cannot go on from a "
                + state.getClass().getSimpleName() + ": the optimiser of a federation does not change");
    }
}
