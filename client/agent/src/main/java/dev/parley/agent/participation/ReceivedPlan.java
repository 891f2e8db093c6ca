package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.parley.contract.v1.Noise;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.contract.v1.SecureAggregation;
import dev.parley.contract.v1.Task;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.time.Instant;
import java.util.Map;

/**
 * A plan as it arrived, named by the SHA-256 of exactly the bytes that arrived.
 *
 * <p>A plan that this agent cannot carry out as written is not guessed at: noise or masks of a kind that it does not know
 * make it {@link Unusable}.
 */
sealed interface ReceivedPlan {
    ContentHash hash();

    int round();

    int attempt();

    /**
     * A plan that says what to do.
     *
     * @param encapsulations what members before this site have encapsulated to it, by position
     */
    record Usable(ContentHash hash, Assignment assignment, Map<Integer, byte[]> encapsulations)
            implements ReceivedPlan {
        public Usable {
            encapsulations = Map.copyOf(encapsulations);
        }

        @Override
        public int round() {
            return assignment.round();
        }

        @Override
        public int attempt() {
            return assignment.attempt();
        }
    }

    /** A plan that breaks a rule of the contract or needs a newer agent. */
    record Unusable(ContentHash hash, int round, int attempt, String reason) implements ReceivedPlan {}

    /** Reads a plan, whose hash is that of the bytes of its {@code parley.v1.RoundPlan} alone. */
    static ReceivedPlan read(SealedPlan message) {
        ByteString sealed = message.getPlan();
        ContentHash hash = ContentHash.of(sealed.toByteArray());
        RoundPlan plan;
        try {
            plan = RoundPlan.parseFrom(sealed);
        } catch (InvalidProtocolBufferException e) {
            return new Unusable(hash, 0, 0, "the plan is not a RoundPlan message");
        }
        try {
            return new Usable(hash, assignment(plan), SumMessages.encapsulations(message.getEncapsulationsList()));
        } catch (IllegalArgumentException | ArithmeticException e) {
            return new Unusable(hash, plan.getRound(), plan.getAttempt(), String.valueOf(e.getMessage()));
        }
    }

    private static Assignment assignment(RoundPlan plan) {
        return new Assignment(
                plan.getFederation(),
                plan.getRound(),
                plan.getAttempt(),
                task(plan),
                hash(plan.getModelHash()),
                hash(plan.getLayoutHash()),
                hash(plan.getLearningHash()),
                hash(plan.getPolicyHash()),
                plan.getCohortList(),
                hash(plan.getRosterHash()),
                new ClipNorm(plan.getClipNorm()),
                plan.getExampleCap(),
                plan.getProximalMu(),
                noise(plan),
                masking(plan.getSecureAggregation()),
                plan.getEvaluated(),
                plan.getSeed(),
                Instant.ofEpochMilli(plan.getDeadlineEpochMillis()));
    }

    private static Assignment.Task task(RoundPlan plan) {
        return switch (plan.getTask()) {
            case TASK_AGREE_STATISTICS -> new Assignment.Task.AgreeStatistics();
            case TASK_TRAIN -> new Assignment.Task.Train(plan.getTrainingRound(), plan.getTrainingRounds());
            case TASK_UNSPECIFIED, UNRECOGNIZED -> throw unknown("task", Task.class);
        };
    }

    private static UpdateNoise noise(RoundPlan plan) {
        return switch (plan.getNoise()) {
            case NOISE_NONE -> new UpdateNoise.None();
            case NOISE_DISTRIBUTED_GAUSSIAN ->
                new UpdateNoise.DistributedGaussian(
                        new NoiseMultiplier(plan.getDistributedGaussian().getMultiplier()),
                        plan.getDistributedGaussian().getShares());
            case NOISE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("noise", Noise.class);
        };
    }

    /** A plan that says nothing of it has a threshold of 0, which is refused like any other that is too low. */
    private static UpdateMasking masking(SecureAggregation terms) {
        return new UpdateMasking(
                new RingModulus(terms.getBits()),
                new SecureSumTerms(
                        terms.getThreshold(),
                        terms.getColluding(),
                        terms.getDegree(),
                        Math.addExact(terms.getMoreGroups(), 1)));
    }

    private static IllegalArgumentException unknown(String field, Class<?> kind) {
        return new IllegalArgumentException("the plan's " + field + " is of a kind (" + kind.getSimpleName()
                + ") that this agent does not know; " + "install a newer one");
    }

    private static ContentHash hash(ByteString digest) {
        return ContentHash.ofDigest(digest.toByteArray());
    }
}
