package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ContributionWeight;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RawUpdate;
import dev.parley.privacy.update.RotationSeed;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.UpdateNoise;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UpdateTransferTest {
    private static final long CHUNK = UpdateTransfer.CHUNK_BYTES;

    private final TimelessPauses pauses = new TimelessPauses();
    private final ReceivedPlan.Usable plan =
            new ReceivedPlan.Usable(ContentHash.of(new byte[] {9}), Assignments.good(), Map.of());
    private ScriptedCoordinator coordinator;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        coordinator = new ScriptedCoordinator();
        channel = coordinator.channel();
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        coordinator.close();
    }

    private UpdateTransfer transfer() {
        return new UpdateTransfer(channel, "north", pauses.retrying());
    }

    private static SecretSeed seed(int value) {
        byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
        bytes[0] = (byte) value;
        return SecretSeed.copyOf(bytes, SecretAccess.token());
    }

    /** Of about 800 KiB: four chunks. */
    private static MaskedUpdate update() {
        ParameterLayout layout = ParameterLayout.of(List.of(Block.of("body.weight", 200_000)));
        float[] values = new float[layout.size()];
        Random random = new Random(3);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() / 1000;
        }
        ClipNorm bound = new ClipNorm(10);
        return RawUpdate.between(
                        ParameterVector.zeros(layout), ParameterVector.of(layout, values), new ContributionWeight(1))
                .clip(bound)
                .noise(new UpdateNoise.None(), InsecureNoiseSource.replaying(0))
                .encode(
                        new UpdateEncoding(
                                layout.size(),
                                bound,
                                8,
                                new RingModulus(32),
                                RotationSeed.ofRound("hospital", 1, 0, 0)),
                        seed(1))
                .mask(OneTimeMask.of(seed(2), List.of(new MaskTerm(seed(3), true))));
    }

    @Test
    void goesOnWhereItWasCut() throws Exception {
        coordinator.submitCuts.addAll(List.of(1, 2));

        UpdateTransfer.Outcome outcome = transfer().submit(plan, update(), new CallScope());

        assertInstanceOf(UpdateTransfer.Outcome.Complete.class, outcome);
        assertArrayEquals(update().toBytes(), ScriptedCoordinator.next(coordinator.submissions));
        assertEquals(List.of(0L, CHUNK, 3 * CHUNK), coordinator.submittedFrom);
    }

    @Test
    void sendsNothingAgainThatIsComplete() throws Exception {
        transfer().submit(plan, update(), new CallScope());
        ScriptedCoordinator.next(coordinator.submissions);

        UpdateTransfer.Outcome outcome = transfer().submit(plan, update(), new CallScope());

        assertInstanceOf(UpdateTransfer.Outcome.Complete.class, outcome);
        assertEquals(1, coordinator.submittedFrom.size());
    }

    @Test
    void givesUpWhenTheRoundIsOver() throws Exception {
        coordinator.submitRefusal = Status.FAILED_PRECONDITION.withDescription("round 2 is not under way");

        UpdateTransfer.Outcome outcome = transfer().submit(plan, update(), new CallScope());

        assertEquals(
                "round 2 is not under way",
                assertInstanceOf(UpdateTransfer.Outcome.Refused.class, outcome).reason());
        assertEquals(0, pauses.asked.size());
    }

    @Test
    void waitsLongerEachTimeWhileNothingGetsThrough() throws Exception {
        coordinator.submitCuts.addAll(List.of(0, 0, 0, 0));

        transfer().submit(plan, update(), new CallScope());

        assertEquals(4, pauses.asked.size());
        for (int i = 0; i < 4; i++) {
            long nominal = 500L << i;
            long asked = pauses.asked.get(i).toMillis();
            assertEquals(true, asked >= nominal / 2 && asked <= nominal, "wait " + i + ": " + asked + " ms");
        }
    }

    @Test
    void stopsWhenTheScopeEnds() {
        coordinator.submitCuts.addAll(List.of(0, 0, 0));
        CallScope scope = new CallScope();
        Retrying endsTheScope = new Retrying(Backoff.STANDARD, (length, cut) -> scope.end(), new SplittableRandom(1));

        assertThrows(
                CallScope.EndedException.class,
                () -> new UpdateTransfer(channel, "north", endsTheScope).submit(plan, update(), scope));
    }
}
