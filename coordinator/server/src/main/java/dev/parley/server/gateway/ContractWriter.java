package dev.parley.server.gateway;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationRequest;
import dev.parley.contract.v1.FederationEnded;
import dev.parley.contract.v1.Masking;
import dev.parley.contract.v1.Noise;
import dev.parley.contract.v1.RoundClosed;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.contract.v1.Task;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateMasking;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.server.cluster.SiteMessage;
import dev.parley.server.cluster.SitePlan;
import dev.parley.server.identity.SiteName;

/** Writes the server's own types as generated messages. */
final class ContractWriter {
    private ContractWriter() {}

    static CoordinatorMessage message(String federation, SiteMessage message) {
        CoordinatorMessage.Builder builder = CoordinatorMessage.newBuilder();
        switch (message) {
            case SiteMessage.Plan plan ->
                builder.setPlan(SealedPlan.newBuilder().setPlan(sealed(plan.plan())));
            case SiteMessage.Released released ->
                builder.setClosed(RoundClosed.newBuilder()
                        .setRound(released.round())
                        .setAttempt(released.attempt())
                        .setReleased(RoundClosed.Released.newBuilder()
                                .setModelHash(bytes(released.model()))
                                .setContributions(released.contributions())));
            case SiteMessage.Abandoned abandoned ->
                builder.setClosed(RoundClosed.newBuilder()
                        .setRound(abandoned.round())
                        .setAttempt(abandoned.attempt())
                        .setAbandoned(RoundClosed.Abandoned.newBuilder().setReason(abandoned.reason())));
            case SiteMessage.Evaluate evaluate ->
                builder.setEvaluate(EvaluationRequest.newBuilder()
                        .setRound(evaluate.round())
                        .setModelHash(bytes(evaluate.model())));
            case SiteMessage.Ended ended ->
                builder.setEnded(FederationEnded.newBuilder()
                        .setFederation(federation)
                        .setModelHash(bytes(ended.model()))
                        .setOutcome(ended.outcome()));
        }
        return builder.build();
    }

    /** The hash of the bytes that every site of the cohort is sent. */
    static ContentHash planHash(SitePlan plan) {
        return ContentHash.of(sealed(plan).toByteArray());
    }

    // One process writes a plan many times, so the bytes must not differ: no maps and no unknown fields are in it, and
    // protobuf writes fields in the order of their numbers.
    private static ByteString sealed(SitePlan plan) {
        return RoundPlan.newBuilder()
                .setFederation(plan.federation())
                .setRound(plan.round())
                .setAttempt(plan.attempt())
                .setTask(
                        switch (plan.task()) {
                            case AGREE_STATISTICS -> Task.TASK_AGREE_STATISTICS;
                            case TRAIN -> Task.TASK_TRAIN;
                        })
                .setTrainingRound(plan.trainingRound())
                .setTrainingRounds(plan.trainingRounds())
                .setModelHash(bytes(plan.model()))
                .setLayoutHash(bytes(plan.layout()))
                .setLearningHash(bytes(plan.learning()))
                .setPolicyHash(bytes(plan.policy()))
                .addAllCohort(plan.cohort().stream().map(SiteName::value).toList())
                .setClipNorm(plan.clipNorm().value())
                .setCohortLimit(plan.cohortLimit())
                .setExampleCap(plan.exampleCap())
                .setProximalMu(plan.proximalMu())
                .setNoise(
                        switch (plan.noise()) {
                            case UpdateNoise.None none -> Noise.NOISE_NONE;
                        })
                .setMasking(
                        switch (plan.masking()) {
                            case UpdateMasking.None none -> Masking.MASKING_NONE;
                        })
                .setSeed(plan.seed())
                .setDeadlineEpochMillis(plan.deadline().toEpochMilli())
                .build()
                .toByteString();
    }

    private static ByteString bytes(ContentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }
}
