package dev.parley.learning.multimodal;

import dev.parley.learning.multimodal.BottleneckTransformer.Normalisation;
import dev.parley.learning.multimodal.BottleneckTransformer.SeriesSettings;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Small models over {@link TinyRecords}, with every optional part switched on unless said, and what they answer. */
final class TinyNetworks {
    static final Set<String> ALL = Set.copyOf(TinyRecords.SCHEMA.modalityNames());
    static final Objective PLAIN = new Objective(0.1, 0.3, Augmentation.NONE);

    private TinyNetworks() {}

    /** Two layers of width 16. */
    static BottleneckTransformer transformer(double dropout, double modalityDropout, double wideDropout) {
        return new BottleneckTransformer(
                16,
                2,
                24,
                2,
                2,
                8,
                dropout,
                modalityDropout,
                wideDropout,
                Map.of("motion", new SeriesSettings(Normalisation.RMS, true, List.of(List.of("x", "y", "z")))));
    }

    static Network network(RecordSchema schema) {
        return transformer(0, 0, 0).network(schema);
    }

    /** A model in which no block is at a special point: heads, biases and the wide path have left their zero. */
    static ParameterVector moved(Network network, List<SiteRecord> records, long seed) {
        return moved(network, records, seed, 0.2);
    }

    /** The same by steps of this deviation; wide models saturate at large ones. */
    static ParameterVector moved(Network network, List<SiteRecord> records, long seed, double deviation) {
        float[] values = network.initialise(seed).toArray();
        for (Block block : network.layout().blocks()) {
            var random = new SplittableRandom(seed + block.name().hashCode());
            int offset = network.layout().offset(block.name());
            for (int i = offset; i < offset + block.size(); i++) {
                values[i] +=
                        network.pace(block) == Network.Pace.FROZEN ? 0 : (float) (deviation * random.nextGaussian());
            }
        }
        return network.statistics(ParameterVector.of(network.layout(), values), records);
    }

    /** A copy in which all blocks whose name starts so hold one value. */
    static ParameterVector with(Network network, ParameterVector model, String prefix, float value) {
        float[] values = model.toArray();
        boolean any = false;
        for (Block block : network.layout().blocks()) {
            if (block.name().startsWith(prefix)) {
                int offset = network.layout().offset(block.name());
                java.util.Arrays.fill(values, offset, offset + block.size(), value);
                any = true;
            }
        }
        if (!any) {
            throw new IllegalArgumentException("no block starts with " + prefix);
        }
        return ParameterVector.of(network.layout(), values);
    }

    /** Scores of all records as one batch, row-major. */
    static float[] scores(Network network, ParameterVector model, List<SiteRecord> records, Set<String> present) {
        Network.Prepared prepared = network.prepare(model, records, present);
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            try (StepScope scope = arena.predictionStep()) {
                return StepScope.values(prepared.scores(scope, all(records)));
            }
        }
    }

    /** The training loss of all records as one batch, with all random draws from the seed. */
    static float loss(
            Network network, ParameterVector model, List<SiteRecord> records, Objective objective, long seed) {
        Network.Prepared prepared = network.prepare(model, records, Set.copyOf(modalityNames(records)));
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            try (StepScope scope = arena.predictionStep()) {
                return StepScope.values(prepared.loss(scope, all(records), new SplittableRandom(seed), objective))[0];
            }
        }
    }

    private static List<String> modalityNames(List<SiteRecord> records) {
        return records.stream()
                .flatMap(record -> record.values().keySet().stream())
                .distinct()
                .toList();
    }

    static int[] all(List<SiteRecord> records) {
        return IntStream.range(0, records.size()).toArray();
    }
}
