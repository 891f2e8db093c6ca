package dev.parley.agent.participation;

import dev.parley.agent.egress.ProposedUse;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.RotationSeed;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.UpdateNoise;
import java.time.Instant;
import java.util.List;

/**
 * What one round asks of a site, from the plan that every site of the cohort is shown.
 *
 * @param round counts every round of the federation from 0, the statistics round included
 * @param attempt a repeated round has a new one
 * @param model SHA-256 of the safetensors file to start from
 * @param layout {@link dev.parley.privacy.update.ParameterLayout#hash} of that model
 * @param learning SHA-256 of the learning configuration document
 * @param policy hash of the policies in force
 * @param cohort names of the invited sites, ascending
 * @param roster hash of the roster of secure aggregation
 * @param clipNorm bound on the update
 * @param exampleCap examples that count for one site at most, at least 1
 * @param proximalMu strength of FedProx's term; 0 for none
 * @param masking ring and terms of secure aggregation
 * @param evaluated whether the version will be scored in a sum of its own
 * @param seed the federation's seed, from which {@link SiteSeed} derives this site's
 * @param deadline when the round stops collecting
 */
public record Assignment(
        String federation,
        int round,
        int attempt,
        Task task,
        ContentHash model,
        ContentHash layout,
        ContentHash learning,
        ContentHash policy,
        List<String> cohort,
        ContentHash roster,
        ClipNorm clipNorm,
        long exampleCap,
        double proximalMu,
        UpdateNoise noise,
        UpdateMasking masking,
        boolean evaluated,
        long seed,
        Instant deadline) {
    /** What a round is for. */
    public sealed interface Task {
        /** Normalisation moments, weighted by records, become part of the model. */
        record AgreeStatistics() implements Task {}

        /**
         * Local training.
         *
         * @param round 0-based position among the training rounds
         * @param totalRounds how many there will be, at least 1
         */
        record Train(int round, int totalRounds) implements Task {
            public Train {
                require(
                        totalRounds >= 1 && round >= 0 && round < totalRounds,
                        "expected 0 <= training round < training rounds, got " + round + " of " + totalRounds);
            }
        }
    }

    public Assignment {
        cohort = List.copyOf(cohort);
        require(!federation.isEmpty(), "a plan names its federation");
        require(round >= 0 && attempt >= 0, "round and attempt are at least 0, got " + round + " and " + attempt);
        require(
                cohort.size() >= 2,
                "a sum over " + cohort.size() + " sites would be one site's update; a plan lists at least 2");
        require(exampleCap >= 1, "the example cap is at least 1, got " + exampleCap);
        require(
                noise instanceof UpdateNoise.None || exampleCap == 1,
                "under noise that hides a site every site weighs 1: the example cap is 1, got " + exampleCap);
        require(
                Double.isFinite(proximalMu) && proximalMu >= 0,
                "the proximal term is finite and at least 0, got " + proximalMu);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }

    /** What the site's owner judges. */
    public ProposedUse proposedUse() {
        return new ProposedUse(federation, round, cohort, noise, learning);
    }

    /**
     * The encoding of every update of the round.
     *
     * @throws IllegalArgumentException if the plan's ring cannot hold its cohort's sum
     */
    UpdateEncoding encoding(int dimension) {
        return masking.encoding(
                dimension, clipNorm, noise, cohort.size(), RotationSeed.ofRound(federation, seed, round, attempt));
    }
}
