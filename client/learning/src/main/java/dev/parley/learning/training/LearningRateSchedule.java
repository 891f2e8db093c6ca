package dev.parley.learning.training;

import dev.parley.learning.training.Learner.RoundPosition;

/**
 * The factor on the learning rate over the rounds of a run.
 *
 * @param shape how it falls after warm-up
 * @param warmupRounds rounds of linear rise from {@code 1 / (warmupRounds + 1)}
 * @param finalFactor factor that the cosine approaches at the end
 */
public record LearningRateSchedule(Shape shape, int warmupRounds, double finalFactor) {
    public static final LearningRateSchedule DEFAULT = new LearningRateSchedule(Shape.COSINE, 0, 0.0);

    public enum Shape {
        CONSTANT,
        /** Half a cosine from 1 to the final factor (Loshchilov and Hutter, ICLR 2017). */
        COSINE
    }

    /**
     * @param progress share of this round's steps already done, in [0, 1)
     */
    public double factor(RoundPosition position, double progress) {
        double at = position.round() + progress;
        double rise = warmupRounds == 0 ? 1 : Math.min(1, (at + 1) / (warmupRounds + 1));
        return switch (shape) {
            case CONSTANT -> rise;
            case COSINE ->
                rise * (finalFactor + (1 - finalFactor) * 0.5 * (1 + Math.cos(Math.PI * at / position.totalRounds())));
        };
    }
}
