package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.Noise;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.SecureAggregation;
import dev.parley.contract.v1.Task;
import dev.parley.privacy.update.UpdateNoise;

/** Assignments as a coordinator sends them. */
final class PlanBytes {
    private PlanBytes() {}

    static RoundPlan.Builder message(Assignment assignment) {
        RoundPlan.Builder plan = RoundPlan.newBuilder()
                .setFederation(assignment.federation())
                .setRound(assignment.round())
                .setAttempt(assignment.attempt())
                .setModelHash(ScriptedCoordinator.bytes(assignment.model()))
                .setLayoutHash(ScriptedCoordinator.bytes(assignment.layout()))
                .setLearningHash(ScriptedCoordinator.bytes(assignment.learning()))
                .setPolicyHash(ScriptedCoordinator.bytes(assignment.policy()))
                .addAllCohort(assignment.cohort())
                .setClipNorm(assignment.clipNorm().value())
                .setRosterHash(ScriptedCoordinator.bytes(assignment.roster()))
                .setExampleCap(assignment.exampleCap())
                .setProximalMu(assignment.proximalMu())
                .setNoise(Noise.NOISE_NONE)
                .setSecureAggregation(SecureAggregation.newBuilder()
                        .setBits(assignment.masking().modulus().bits())
                        .setThreshold(assignment.masking().terms().threshold())
                        .setColluding(assignment.masking().terms().colluding())
                        .setDegree(assignment.masking().terms().degree())
                        .setMoreGroups(assignment.masking().terms().groups() - 1))
                .setEvaluated(assignment.evaluated())
                .setSeed(assignment.seed())
                .setDeadlineEpochMillis(assignment.deadline().toEpochMilli());
        switch (assignment.task()) {
            case Assignment.Task.AgreeStatistics statistics -> plan.setTask(Task.TASK_AGREE_STATISTICS);
            case Assignment.Task.Train train ->
                plan.setTask(Task.TASK_TRAIN).setTrainingRound(train.round()).setTrainingRounds(train.totalRounds());
        }
        if (assignment.noise() instanceof UpdateNoise.DistributedGaussian gaussian) {
            plan.setNoise(Noise.NOISE_DISTRIBUTED_GAUSSIAN)
                    .getDistributedGaussianBuilder()
                    .setMultiplier(gaussian.multiplier().value())
                    .setShares(gaussian.shares());
        }
        return plan;
    }

    static ByteString of(Assignment assignment) {
        return message(assignment).build().toByteString();
    }
}
