package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The engine's gradients against central differences of the loss, for every block: along the gradient itself, which no
 * other direction of that length can match, and along directions that move every value of the block by the same
 * amount with random signs.
 *
 * <p>Differences are taken in double precision; the loss itself is the engine's float32, about 1 in size and so
 * uncertain by a few units of 1e-7. The step lets the loss move by about one of {@link #MOVES}: a rectifier that
 * switches within a step spoils the difference (by 5 percent at ten times the first step), so smaller ones are tried
 * until rounding, {@code NOISE / MOVE}, costs a relative 1e-2. Hence the tolerance of 1 percent of the gradient's length
 * plus the rounding. A missing factor, a forgotten path or a swapped index changes far more.
 */
class GradientTest {
    private static final double RELATIVE = 0.01;
    /** What two float32 losses of about 1 contribute to a difference. */
    private static final double NOISE = 3e-7;

    private static final double[] MOVES = {3e-4, 1e-4, 3e-5};

    private static final long SEED = 20261124;

    @Test
    void everyBlockOfTheTransformerHasTheGradientOfItsLoss() {
        for (RecordSchema schema : List.of(TinyRecords.SCHEMA, TinyRecords.THREE_CLASSES)) {
            Network network = TinyNetworks.network(schema);
            List<SiteRecord> records = TinyRecords.draw(schema, 6, 0.3, SEED);
            assertTrue(
                    TinyNetworks.ALL.stream()
                            .allMatch(name ->
                                    records.stream().anyMatch(r -> r.values().containsKey(name))
                                            && records.stream()
                                                    .anyMatch(r -> !r.values().containsKey(name))),
                    "seed " + SEED + ": each modality should be there in one record and missing in another");
            check(network, records);
        }
    }

    @Test
    void everyBlockOfTheConvolutionalNetworkHasTheGradientOfItsLoss() {
        RecordSchema schema = TinyRecords.THREE_CLASSES.restrictedTo(Set.of("scan"));
        Network network = new ConvolutionalNetwork(3, 4, 6, 8).network(schema);
        List<SiteRecord> records = new ArrayList<>(TinyRecords.draw(schema, 6, 0, SEED));
        SiteRecord r = records.get(2);
        records.set(
                2,
                new SiteRecord(
                        r.recordId(),
                        r.subjectId(),
                        r.siteId(),
                        r.clock(),
                        Map.of(),
                        r.label(),
                        r.consent(),
                        r.provenance()));
        check(network, records);
    }

    /** Checks every block that training may move; frozen ones must have no gradient at all. */
    private static void check(Network network, List<SiteRecord> records) {
        ParameterVector model = TinyNetworks.moved(network, records, SEED);
        Network.Prepared prepared = network.prepare(model, records, Set.copyOf(networkModalities(records)));
        float[] weights = model.toArray();
        float[] gradient = new float[weights.length];
        List<String> wrong = new ArrayList<>();
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(weights);
            try (StepScope scope = arena.trainingStep()) {
                scope.backward(
                        prepared.loss(scope, TinyNetworks.all(records), new SplittableRandom(1), TinyNetworks.PLAIN));
                scope.copyGradient(gradient);
            }
            var losses = new Losses(arena, prepared, TinyNetworks.all(records), weights);
            for (Block block : network.layout().blocks()) {
                int from = network.layout().offset(block.name());
                int to = from + block.size();
                double length = length(gradient, from, to);
                if (network.pace(block) == Network.Pace.FROZEN) {
                    assertEquals(0, length, block + " is frozen");
                    continue;
                }
                assertTrue(length > 1e-4, block + " does not influence the loss: gradient of length " + length);
                double[] own = new double[weights.length];
                for (int i = from; i < to; i++) {
                    own[i] = gradient[i] / length;
                }
                compare(wrong, block + " along its gradient", losses, own, gradient, length);
                for (int draw = 0; draw < 2; draw++) {
                    var random = new SplittableRandom(SEED + draw);
                    double[] signs = new double[weights.length];
                    for (int i = from; i < to; i++) {
                        signs[i] = (random.nextBoolean() ? 1 : -1) / Math.sqrt(block.size());
                    }
                    compare(wrong, block + " along random signs " + draw, losses, signs, gradient, length);
                }
            }
        }
        assertEquals(List.of(), wrong, "seed " + SEED);
    }

    private static Set<String> networkModalities(List<SiteRecord> records) {
        Set<String> names = new TreeSet<>();
        records.forEach(record -> names.addAll(record.values().keySet()));
        return names;
    }

    private static double length(float[] gradient, int from, int to) {
        double squares = 0;
        for (int i = from; i < to; i++) {
            squares += (double) gradient[i] * gradient[i];
        }
        return Math.sqrt(squares);
    }

    private static void compare(
            List<String> wrong, String what, Losses losses, double[] direction, float[] gradient, double length) {
        double expected = 0;
        for (int i = 0; i < direction.length; i++) {
            expected += direction[i] * gradient[i];
        }
        StringBuilder tried = new StringBuilder();
        for (double move : MOVES) {
            double step = Math.min(0.05, move / length);
            double difference = losses.derivative(direction, step);
            if (Math.abs(difference - expected) <= RELATIVE * length + NOISE / step) {
                return;
            }
            tried.append(' ').append(difference);
        }
        wrong.add(what + ": differences give" + tried + ", the gradient " + expected + " of " + length);
    }

    /** The loss near one model. */
    private record Losses(TensorArena arena, Network.Prepared prepared, int[] batch, float[] weights) {
        double derivative(double[] direction, double h) {
            return (at(direction, h) - at(direction, -h)) / (2 * h);
        }

        private double at(double[] direction, double h) {
            float[] moved = weights.clone();
            for (int i = 0; i < moved.length; i++) {
                moved[i] = (float) (moved[i] + h * direction[i]);
            }
            arena.load(moved);
            try (StepScope scope = arena.predictionStep()) {
                return StepScope.values(prepared.loss(scope, batch, new SplittableRandom(1), TinyNetworks.PLAIN))[0];
            }
        }
    }
}
