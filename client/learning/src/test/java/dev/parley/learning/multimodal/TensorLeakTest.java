package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtNDArray;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A thousand training steps, every tenth followed by a prediction, leave nothing behind: no array with the engine's managers,
 * and no memory with the allocator. The same measures find a leak that is put in on purpose.
 */
class TensorLeakTest {
    private static final int STEPS = 1000;
    /** Steps that are enough to see a leak. */
    private static final int FEW = 100;

    /** Readings of the memory in use; even, and a divisor of both numbers of steps. */
    private static final int READINGS = 20;
    /** What the JVM may come to need between the halves of a run; as a leak it would be 12 KB a step. */
    private static final long NATIVE_ROOM = 6L << 20;
    /** Runs, one after the other, in each of which a leak must show. What the JVM still warms up to shows in some of them. */
    private static final int RUNS = 3;

    private static final Objective VARIED =
            new Objective(0.05, 0.3, new Augmentation(1, 0.1, 0.1, 0.1, 0.1, 0.1, true, 0));
    private static final Leak NONE = (arena, scope, loss) -> {};

    /** What a careless change would do once a step. */
    private interface Leak {
        void leak(TensorArena arena, StepScope scope, PtNDArray loss);
    }

    /**
     * @param arrays with the managers at the end of all runs, beyond those at the start
     * @param runs that were made
     * @param nativeBytes lowest reading in the second half of the steps less the lowest in the first: what the JIT
     *     compiler takes and gives back meanwhile comes and goes, a leak of half the steps stays. The least of {@link #RUNS}
     *     runs, or the first that is within {@link #NATIVE_ROOM}: a leak grows in each of them
     */
    private record Grown(int arrays, int runs, long nativeBytes) {}

    @Test
    void aThousandStepsOfTheTransformerReturnToTheBaseline() {
        Grown grown = grown(transformer(), TinyRecords.SCHEMA, STEPS, NONE);
        assertEquals(0, grown.arrays(), "arrays left after " + STEPS + " steps");
        assertTrue(grown.nativeBytes() < NATIVE_ROOM, "native bytes left after " + STEPS + " steps: " + grown);
    }

    @Test
    void aThousandStepsOfTheConvolutionalNetworkReturnToTheBaseline() {
        RecordSchema schema = TinyRecords.SCHEMA.restrictedTo(Set.of("scan"));
        Grown grown = grown(new ConvolutionalNetwork(3, 4, 6, 8).network(schema), schema, STEPS, NONE);
        assertEquals(0, grown.arrays(), "arrays left after " + STEPS + " steps");
        assertTrue(grown.nativeBytes() < NATIVE_ROOM, "native bytes left after " + STEPS + " steps: " + grown);
    }

    @Test
    void anArrayThatOutlivesItsStepIsCounted() {
        Grown grown =
                grown(transformer(), TinyRecords.SCHEMA, FEW, (arena, scope, loss) -> loss.attach(arena.manager()));
        assertEquals(FEW * grown.runs(), grown.arrays());
    }

    @Test
    void memoryThatNoManagerKnowsOfIsCounted() {
        List<PtNDArray> kept = new ArrayList<>();
        long size = 1 << 20;
        Grown grown = grown(transformer(), TinyRecords.SCHEMA, FEW, (arena, scope, loss) -> {
            PtNDArray lost = (PtNDArray) scope.constant(0, size / Float.BYTES).duplicate();
            lost.detach();
            kept.add(lost);
        });
        kept.forEach(PtNDArray::close);
        assertEquals(0, grown.arrays(), "a detached array belongs to no manager");
        assertTrue(grown.nativeBytes() > 2 * NATIVE_ROOM, "the leak was not seen: " + grown);
    }

    private static Network transformer() {
        return TinyNetworks.transformer(0.1, 0.3, 0.1).network(TinyRecords.SCHEMA);
    }

    private static Grown grown(Network network, RecordSchema schema, int steps, Leak leak) {
        List<SiteRecord> records = TinyRecords.draw(schema, 4, 0.3, 7);
        ParameterVector model = network.statistics(network.initialise(7), records);
        Network.Prepared prepared = network.prepare(model, records, Set.copyOf(schema.modalityNames()));
        var random = new SplittableRandom(7);
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            // The first steps load classes and fill the engine's caches.
            run(arena, network, prepared, random, 100, NONE);
            int arrays = arena.liveTensors();
            long bytes = Long.MAX_VALUE;
            int runs = 0;
            while (runs < RUNS && bytes >= NATIVE_ROOM) {
                bytes = Math.min(
                        bytes, grownBytes(() -> run(arena, network, prepared, random, steps / READINGS, leak)));
                runs++;
            }
            return new Grown(arena.liveTensors() - arrays, runs, bytes);
        }
    }

    private static long grownBytes(Runnable steps) {
        long[] lowest = {Long.MAX_VALUE, Long.MAX_VALUE};
        for (int reading = 0; reading < READINGS; reading++) {
            steps.run();
            int half = 2 * reading / READINGS;
            lowest[half] = Math.min(lowest[half], NativeMemory.bytesInUse());
        }
        return lowest[1] - lowest[0];
    }

    private static void run(
            TensorArena arena,
            Network network,
            Network.Prepared prepared,
            SplittableRandom random,
            int steps,
            Leak leak) {
        int[] batch = IntStream.range(0, prepared.size()).toArray();
        float[] gradient = new float[network.layout().size()];
        for (int step = 0; step < steps; step++) {
            try (StepScope scope = arena.trainingStep()) {
                PtNDArray loss = prepared.loss(scope, batch, random, VARIED);
                scope.backward(loss);
                scope.copyGradient(gradient);
                leak.leak(arena, scope, loss);
            }
            if (step % 10 == 0) {
                try (StepScope scope = arena.predictionStep()) {
                    StepScope.values(prepared.scores(scope, batch));
                }
            }
        }
    }
}
