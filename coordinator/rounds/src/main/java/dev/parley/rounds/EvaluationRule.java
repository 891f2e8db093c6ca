package dev.parley.rounds;

import dev.parley.privacy.statistics.EvaluationCounts;

/**
 * When released models are scored on the sites' held-out records. The last training round is always followed by an
 * evaluation, the statistics round never: its model has not been trained.
 *
 * @param every an evaluation after each {@code every}-th training round, 1 to 1,000,000
 * @param classes number of classes of the learning task; every site's counts must have the same
 */
public record EvaluationRule(int every, int classes) {
    public EvaluationRule {
        if (every < 1 || every > 1_000_000) {
            throw new IllegalArgumentException("evaluate every 1 to 1,000,000 rounds, got " + every);
        }
        EvaluationCounts.requireClasses(classes);
    }

    boolean follows(Task task) {
        return switch (task) {
            case Task.AgreeStatistics statistics -> false;
            case Task.Train train -> train.round() == train.totalRounds() - 1 || (train.round() + 1) % every == 0;
        };
    }
}
