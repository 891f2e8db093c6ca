package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.Noise;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReceivedPlanTest {
    @Test
    void readsWhatWasWrittenAndNamesItByItsBytes() {
        Assignments.Draft draft = new Assignments.Draft();
        draft.seed = Long.MIN_VALUE + 5;
        ByteString sealed = PlanBytes.of(draft.build());

        ReceivedPlan.Usable plan = assertInstanceOf(ReceivedPlan.Usable.class, ReceivedPlan.read(message(sealed)));

        assertEquals(draft.build(), plan.assignment());
        assertEquals(ContentHash.of(sealed.toByteArray()), plan.hash());
    }

    @Test
    void readsAStatisticsRoundWithoutATrainingPosition() {
        Assignments.Draft draft = new Assignments.Draft();
        draft.task = new Assignment.Task.AgreeStatistics();

        ReceivedPlan.Usable plan =
                assertInstanceOf(ReceivedPlan.Usable.class, ReceivedPlan.read(message(PlanBytes.of(draft.build()))));

        assertEquals(draft.build(), plan.assignment());
    }

    @Test
    void readsNoiseThatSitesAddTogether() {
        Assignments.Draft draft = new Assignments.Draft();
        draft.exampleCap = 1;
        draft.noise = new UpdateNoise.DistributedGaussian(new NoiseMultiplier(1.25), 3);

        ReceivedPlan.Usable plan =
                assertInstanceOf(ReceivedPlan.Usable.class, ReceivedPlan.read(message(PlanBytes.of(draft.build()))));

        assertEquals(draft.build(), plan.assignment());
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                change("a task", RoundPlan.Builder::clearTask, "task"),
                change("a task of the future", plan -> plan.setTaskValue(77), "task"),
                change("noise", RoundPlan.Builder::clearNoise, "noise"),
                change(
                        "noise without its size",
                        plan -> plan.setNoise(Noise.NOISE_DISTRIBUTED_GAUSSIAN).setExampleCap(1),
                        "multiplier"),
                change(
                        "noise of no share",
                        plan -> plan.setNoise(Noise.NOISE_DISTRIBUTED_GAUSSIAN)
                                .setExampleCap(1)
                                .getDistributedGaussianBuilder()
                                .setMultiplier(1),
                        "share"),
                change(
                        "noise that hides a site among weights",
                        plan -> plan.setNoise(Noise.NOISE_DISTRIBUTED_GAUSSIAN)
                                .getDistributedGaussianBuilder()
                                .setMultiplier(1)
                                .setShares(2),
                        "example cap is 1"),
                change("noise of the future", plan -> plan.setNoiseValue(9), "newer"),
                change("no secure aggregation", RoundPlan.Builder::clearSecureAggregation, "bits"),
                change(
                        "a ring of 0 bits",
                        plan -> plan.getSecureAggregationBuilder().setBits(0),
                        "bits"),
                change(
                        "a ring of 40 bits",
                        plan -> plan.getSecureAggregationBuilder().setBits(40),
                        "bits"),
                change(
                        "a threshold of 1",
                        plan -> plan.getSecureAggregationBuilder().setThreshold(1),
                        "threshold"),
                change("2^31 groups", plan -> plan.getSecureAggregationBuilder().setMoreGroups(-1), "group"),
                change("no roster", RoundPlan.Builder::clearRosterHash, "32 bytes"),
                change("a short hash", plan -> plan.setModelHash(ByteString.copyFromUtf8("x")), "32 bytes"),
                change("no cohort", RoundPlan.Builder::clearCohort, "at least 2"),
                change("a cohort of one", plan -> plan.clearCohort().addCohort("north"), "at least 2"),
                change("no clip norm", RoundPlan.Builder::clearClipNorm, "clip norm"),
                change("an infinite clip norm", plan -> plan.setClipNorm(Double.POSITIVE_INFINITY), "clip norm"),
                change("a round above 2^31", plan -> plan.setRound(-1), "round"),
                change("no example cap", RoundPlan.Builder::clearExampleCap, "cap"),
                change("a proximal term that is no number", plan -> plan.setProximalMu(Double.NaN), "proximal"),
                change("a training round past the end", plan -> plan.setTrainingRound(10), "training round"));
    }

    private static SealedPlan message(ByteString plan) {
        return SealedPlan.newBuilder().setPlan(plan).build();
    }

    private static Arguments change(String name, Consumer<RoundPlan.Builder> change, String told) {
        RoundPlan.Builder plan = PlanBytes.message(Assignments.good());
        change.accept(plan);
        return Arguments.of(name, plan.build().toByteString(), told);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void cannotUseWhatItDoesNotUnderstand(String name, ByteString sealed, String told) {
        ReceivedPlan.Unusable plan = assertInstanceOf(ReceivedPlan.Unusable.class, ReceivedPlan.read(message(sealed)));

        assertTrue(plan.reason().contains(told), plan.reason());
        assertEquals(ContentHash.of(sealed.toByteArray()), plan.hash());
    }

    @Test
    void cannotUseBytesThatAreNoMessage() {
        assertInstanceOf(
                ReceivedPlan.Unusable.class,
                ReceivedPlan.read(message(ByteString.copyFrom(new byte[] {-1, -1, -1, -1}))));
    }
}
