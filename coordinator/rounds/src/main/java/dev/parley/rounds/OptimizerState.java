package dev.parley.rounds;

import dev.parley.privacy.update.ParameterVector;

/** What a {@link ServerOptimizer} remembers from one training round to the next. Immutable. */
public sealed interface OptimizerState {
    /** Nothing. */
    record Stateless() implements OptimizerState {}

    /** A decaying sum of the mean updates. */
    record Velocity(ParameterVector velocity) implements OptimizerState {}

    /** Decaying means of the mean updates and of their squares. */
    record Moments(ParameterVector first, ParameterVector second) implements OptimizerState {}
}
