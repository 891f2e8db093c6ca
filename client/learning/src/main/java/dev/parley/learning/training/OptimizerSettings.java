package dev.parley.learning.training;

/** The local optimiser, fresh in every round so that no state stays at a site. */
public sealed interface OptimizerSettings {
    /** Largest learning rate of the body, before the schedule. */
    double learningRate();

    /** Largest learning rate of the wide text path. */
    double wideLearningRate();

    /** Largest Euclidean norm of one step's gradient; longer ones are scaled down. 0 for no clipping. */
    double clipNorm();

    /**
     * Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019), biases corrected.
     *
     * @param weightDecay share of a weight removed per step and unit of learning rate
     */
    record AdamW(
            double learningRate,
            double wideLearningRate,
            double clipNorm,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay)
            implements OptimizerSettings {
        public static final AdamW DEFAULT = new AdamW(1e-3, 0.05, 1.0, 0.9, 0.95, 1e-8, 0.01);
    }

    /** Stochastic gradient descent with heavy-ball momentum. */
    record Sgd(double learningRate, double wideLearningRate, double clipNorm, double momentum, double weightDecay)
            implements OptimizerSettings {
        public static final Sgd DEFAULT = new Sgd(0.05, 0.05, 0.0, 0.9, 0.0);
    }
}
