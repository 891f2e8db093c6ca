package dev.parley.rounds;

import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;

/**
 * Everything that decides how one federation runs, fixed before its first round.
 *
 * @param name names the federation in plans and submissions
 * @param trainingRounds rounds after the statistics round, 1 to 100,000
 * @param agreeStatistics whether round 0 agrees on normalisation moments before training begins
 * @param cohort how many sites a round needs and takes
 * @param times how long each part may take
 * @param update what a site does to its update
 * @param optimizer what the coordinator does with the mean of a training round
 * @param evaluation when released models are scored
 * @param seed all randomness of the federation is derived from it
 * @param learningHash the learning configuration document
 * @param policyHash the policies in force
 * @param maxAttempts how often one round is tried before the federation fails, 1 to 100
 */
public record FederationSpec(
        FederationName name,
        int trainingRounds,
        boolean agreeStatistics,
        CohortRule cohort,
        RoundTimes times,
        UpdateRule update,
        ServerOptimizer optimizer,
        EvaluationRule evaluation,
        long seed,
        ContentHash learningHash,
        ContentHash policyHash,
        int maxAttempts) {
    public FederationSpec {
        if (trainingRounds < 1 || trainingRounds > 100_000) {
            throw new IllegalArgumentException(
                    "federation " + name + " has 1 to 100,000 training rounds, got " + trainingRounds);
        }
        if (maxAttempts < 1 || maxAttempts > 100) {
            throw new IllegalArgumentException(
                    "federation " + name + " tries a round 1 to 100 times, got " + maxAttempts);
        }
        update.requireFits(cohort);
        if (agreeStatistics && !(update.noise() instanceof UpdateNoise.None)) {
            throw new IllegalArgumentException("federation " + name
                    + " hides whole sites, and moments of records would have to be agreed on first: noise would fall on"
                    + " every block of the model, and on moments it would be larger than they are. Choose a learning"
                    + " configuration that needs no statistics, such as normalisation: none");
        }
    }

    /**
     * Whether sites score what a round of this task releases. Where noise hides whole sites they do not: their counts carry
     * none.
     */
    public boolean evaluates(Task task) {
        return update.noise() instanceof UpdateNoise.None && evaluation.follows(task);
    }

    /** Rounds in all, the statistics round included. */
    public int totalRounds() {
        return trainingRounds + (agreeStatistics ? 1 : 0);
    }

    /** What round {@code round} of {@link #totalRounds()} asks of a site. */
    public Task task(int round) {
        if (round < 0 || round >= totalRounds()) {
            throw new IllegalArgumentException(
                    "federation " + name + " has rounds 0 to " + (totalRounds() - 1) + ", got " + round);
        }
        if (!agreeStatistics) {
            return new Task.Train(round, trainingRounds);
        }
        return round == 0 ? new Task.AgreeStatistics() : new Task.Train(round - 1, trainingRounds);
    }
}
