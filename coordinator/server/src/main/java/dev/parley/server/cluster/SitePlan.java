package dev.parley.server.cluster;

import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateMasking;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.server.identity.SiteName;
import java.time.Instant;
import java.util.List;

/**
 * One round's plan as every site of its cohort is shown it. Field by field the contract's RoundPlan, in checked types.
 *
 * @param round counts every round of the federation from 0, the statistics round included
 * @param attempt a repeated round has a new one
 * @param trainingRound 0-based position among the training rounds; 0 in the statistics round
 * @param cohort ascending
 * @param cohortLimit updates that the fixed-point encoding holds
 * @param exampleCap examples that count for one site at most
 * @param proximalMu FedProx; 0 for none
 */
public record SitePlan(
        String federation,
        int round,
        int attempt,
        Task task,
        int trainingRound,
        int trainingRounds,
        ContentHash model,
        ContentHash layout,
        ContentHash learning,
        ContentHash policy,
        List<SiteName> cohort,
        ClipNorm clipNorm,
        int cohortLimit,
        long exampleCap,
        double proximalMu,
        UpdateNoise noise,
        UpdateMasking masking,
        long seed,
        Instant deadline) {
    public SitePlan {
        cohort = cohort.stream().sorted().distinct().toList();
        if (cohort.isEmpty()) {
            throw new IllegalArgumentException("a plan has a cohort of at least one site");
        }
    }

    /** What the round asks of a site. */
    public enum Task {
        AGREE_STATISTICS,
        TRAIN
    }
}
