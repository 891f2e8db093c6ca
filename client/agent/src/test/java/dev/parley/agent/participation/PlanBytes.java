package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.Masking;
import dev.parley.contract.v1.Noise;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.Task;

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
                .setCohortLimit(assignment.cohortLimit())
                .setExampleCap(assignment.exampleCap())
                .setProximalMu(assignment.proximalMu())
                .setNoise(Noise.NOISE_NONE)
                .setMasking(Masking.MASKING_NONE)
                .setSeed(assignment.seed())
                .setDeadlineEpochMillis(assignment.deadline().toEpochMilli());
        switch (assignment.task()) {
            case Assignment.Task.AgreeStatistics statistics -> plan.setTask(Task.TASK_AGREE_STATISTICS);
            case Assignment.Task.Train train ->
                plan.setTask(Task.TASK_TRAIN).setTrainingRound(train.round()).setTrainingRounds(train.totalRounds());
        }
        return plan;
    }

    static ByteString of(Assignment assignment) {
        return message(assignment).build().toByteString();
    }
}
