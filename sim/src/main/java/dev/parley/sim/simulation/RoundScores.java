package dev.parley.sim.simulation;

import dev.parley.learning.evaluation.Metrics;
import dev.parley.privacy.update.ParameterVector;
import java.util.Optional;

/** Scores of a round's model on records that no participating site holds. */
@FunctionalInterface
interface RoundScores {
    RoundScores NONE = (round, model) -> Optional.empty();

    /**
     * @param round 1-based training round; 0 for the statistics round
     * @return empty if this round is not scored
     */
    Optional<Metrics> of(int round, ParameterVector model) throws SimulationException, InterruptedException;
}
