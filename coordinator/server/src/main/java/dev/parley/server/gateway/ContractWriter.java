package dev.parley.server.gateway;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationRequest;
import dev.parley.contract.v1.FederationEnded;
import dev.parley.contract.v1.RoundClosed;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.cluster.SiteMessage;

/** Writes the server's own types as generated messages. */
final class ContractWriter {
    private ContractWriter() {}

    static CoordinatorMessage message(String federation, SiteMessage message) {
        CoordinatorMessage.Builder builder = CoordinatorMessage.newBuilder();
        switch (message) {
            case SiteMessage.Plan plan ->
                builder.setPlan(SealedPlan.newBuilder()
                        .setPlan(ByteString.copyFrom(plan.plan().canonicalBytes()))
                        .addAllEncapsulations(SumMessages.encapsulations(plan.encapsulations())));
            case SiteMessage.AgreeKeys agree -> builder.setKeys(SumMessages.keyRequest(agree));
            case SiteMessage.Cohort cohort -> builder.setCohort(SumMessages.notices(cohort));
            case SiteMessage.Survivors survivors -> builder.setSurvivors(SumMessages.survivors(survivors));
            case SiteMessage.Opening opening -> builder.setOpening(SumMessages.opening(opening));
            case SiteMessage.Released released ->
                builder.setClosed(RoundClosed.newBuilder()
                        .setRound(released.id().round())
                        .setAttempt(released.id().attempt())
                        .setReleased(RoundClosed.Released.newBuilder()
                                .setModelHash(bytes(released.model()))
                                .setContributions(released.contributions())));
            case SiteMessage.Abandoned abandoned ->
                builder.setClosed(RoundClosed.newBuilder()
                        .setRound(abandoned.id().round())
                        .setAttempt(abandoned.id().attempt())
                        .setAbandoned(RoundClosed.Abandoned.newBuilder().setReason(abandoned.reason())));
            case SiteMessage.Evaluate evaluate ->
                builder.setEvaluate(EvaluationRequest.newBuilder()
                        .setRound(evaluate.round())
                        .setModelHash(bytes(evaluate.model()))
                        .setLearningHash(bytes(evaluate.learning())));
            case SiteMessage.Ended ended ->
                builder.setEnded(FederationEnded.newBuilder()
                        .setFederation(federation)
                        .setModelHash(bytes(ended.model()))
                        .setOutcome(ended.outcome()));
        }
        return builder.build();
    }

    private static ByteString bytes(ContentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }
}
