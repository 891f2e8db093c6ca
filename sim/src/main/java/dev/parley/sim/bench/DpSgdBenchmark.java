package dev.parley.sim.bench;

import dev.parley.learning.multimodal.Architecture;
import dev.parley.learning.multimodal.Augmentation;
import dev.parley.learning.multimodal.BottleneckTransformer;
import dev.parley.learning.multimodal.ExampleUnits;
import dev.parley.learning.multimodal.LayeredNetwork;
import dev.parley.learning.multimodal.Network;
import dev.parley.learning.multimodal.Objective;
import dev.parley.learning.multimodal.PerExampleGradients;
import dev.parley.learning.multimodal.PerExampleScope;
import dev.parley.learning.multimodal.StepScope;
import dev.parley.learning.multimodal.TensorArena;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.dp.noise.FixedPointGaussian;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.update.ParameterVector;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * What a step of DP-SGD costs against the plain step of the same model on the same batch, taken in turns in one run on one
 * thread: gradients of both, without the optimiser, which is the same. The noise is measured apart.
 */
public final class DpSgdBenchmark {
    private static final int WARM_UP_STEPS = 12;
    private static final double MEASURED_SECONDS = 12;
    private static final int LEAST_STEPS = 15;
    private static final int MEMORY_STEPS = 12;
    private static final int NOISE_REPETITIONS = 30;
    /** AES in counter mode crawls until it is compiled. */
    private static final double NOISE_WARM_UP_SECONDS = 1.5;

    /** Nearer 0 than any gradient is short, so that nearly all examples are clipped, as in training. */
    private static final double BOUND = 0.1;

    private static final Objective OBJECTIVE = new Objective(0.05, 0.3, Augmentation.NONE);

    /**
     * One model's figures.
     *
     * @param ratio processor time of a step's clipped sum over a plain step's gradient
     * @param noiseRatio the same with the noise
     * @param memoryRatio the native memory of either at its peak
     * @param plainSeconds of one step, median
     * @param noiseNanosPerValue of drawing and adding
     */
    public record Result(
            String name,
            int parameters,
            int batch,
            double ratio,
            double noiseRatio,
            double memoryRatio,
            double plainSeconds,
            double privateSeconds,
            double noiseNanosPerValue,
            long plainBytes,
            long privateBytes) {}

    /** What is measured. */
    private record Model(String name, Architecture architecture, RecordSchema schema, int batch, double missing) {}

    private DpSgdBenchmark() {}

    /** All models, one after the other. */
    public static List<Result> run() {
        var digits = new RecordSchema(
                List.of(new Modality.Image("image", 1, 28)), List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            channels.add(new Channel("c" + i, "u", -2, 2));
        }
        var hospital = new RecordSchema(
                List.of(
                        new Modality.Image("scan", 1, 64),
                        new Modality.Text("note", 4096, 96, 8192),
                        new Modality.Series("vitals", channels, 128, 1)),
                List.of("no", "yes"));
        var perceptron = new LayeredNetwork(List.of(), List.of(200), LayeredNetwork.Activation.RELU);
        return List.of(
                        new Model("mnist-cnn", LayeredNetwork.PAPERNOT, digits, 256, 0),
                        new Model("mlp-784-200-10", perceptron, digits, 256, 0),
                        new Model("default", BottleneckTransformer.Tier.S.architecture(), hospital, 16, 0.1))
                .stream()
                .map(DpSgdBenchmark::measure)
                .toList();
    }

    private static Result measure(Model model) {
        Network network = model.architecture().network(model.schema());
        List<SiteRecord> records = records(model);
        ParameterVector start = network.statistics(network.initialise(1), records);
        Network.Prepared prepared =
                network.prepare(start, records, Set.copyOf(model.schema().modalityNames()));
        int[] batch = new int[records.size()];
        Arrays.setAll(batch, i -> i);
        float[] gradient = new float[network.layout().size()];
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(start.toArray());
            Runnable plain = () -> plainStep(arena, prepared, batch, gradient);
            Runnable clipped = () -> clippedStep(arena, network, prepared, batch, gradient);
            List<Double> plainSeconds = new ArrayList<>();
            List<Double> privateSeconds = new ArrayList<>();
            for (int step = 0; step < WARM_UP_STEPS; step++) {
                plain.run();
                clipped.run();
            }
            long began = CoreClock.nanos();
            while (plainSeconds.size() < LEAST_STEPS || CoreClock.secondsSince(began) < MEASURED_SECONDS) {
                plainSeconds.add(seconds(plain));
                privateSeconds.add(seconds(clipped));
            }
            long idle = NativeHeap.bytesInUse();
            long plainBytes = NativeHeap.peakDuring(() -> repeat(plain)) - idle;
            long privateBytes = NativeHeap.peakDuring(() -> repeat(clipped)) - idle;
            double noise = noiseSeconds(gradient);
            double plainMedian = median(plainSeconds);
            double privateMedian = median(privateSeconds);
            return new Result(
                    model.name(),
                    gradient.length,
                    batch.length,
                    privateMedian / plainMedian,
                    (privateMedian + noise) / plainMedian,
                    (double) privateBytes / plainBytes,
                    plainMedian,
                    privateMedian,
                    noise / gradient.length * 1e9,
                    plainBytes,
                    privateBytes);
        }
    }

    private static void plainStep(TensorArena arena, Network.Prepared prepared, int[] batch, float[] gradient) {
        try (StepScope scope = arena.trainingStep()) {
            scope.backward(prepared.loss(scope, batch, new SplittableRandom(1), OBJECTIVE));
            scope.copyGradient(gradient);
        }
    }

    private static void clippedStep(
            TensorArena arena, Network network, Network.Prepared prepared, int[] batch, float[] sum) {
        Arrays.fill(sum, 0f);
        try (PerExampleScope scope = arena.perExampleStep(network, ExampleUnits.rows(batch.length))) {
            PerExampleGradients gradients =
                    scope.gradients(prepared.loss(scope, batch, new SplittableRandom(1), OBJECTIVE));
            gradients.addWeightedSum((layer, unit) -> 1 / Math.max(BOUND, Math.sqrt(gradients.squaredNorm(unit))), sum);
        }
    }

    private static double seconds(Runnable step) {
        long began = CoreClock.nanos();
        step.run();
        return CoreClock.secondsSince(began);
    }

    private static void repeat(Runnable step) {
        for (int i = 0; i < MEMORY_STEPS; i++) {
            step.run();
        }
    }

    private static double noiseSeconds(float[] values) {
        var noise = FixedPointGaussian.of(1, values.length, NoiseSource.keyedFrom(new SecureRandom()));
        List<Double> seconds = new ArrayList<>();
        long began = CoreClock.nanos();
        while (CoreClock.secondsSince(began) < NOISE_WARM_UP_SECONDS) {
            Arrays.fill(values, 0f);
            noise.addTo(values, 0, values.length);
        }
        for (int i = 0; i < NOISE_REPETITIONS; i++) {
            Arrays.fill(values, 0f);
            seconds.add(seconds(() -> noise.addTo(values, 0, values.length)));
        }
        return median(seconds);
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static List<SiteRecord> records(Model model) {
        var random = new SplittableRandom(1);
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < model.batch(); i++) {
            Map<String, ModalityValue> values = new HashMap<>();
            for (Modality modality : model.schema().modalities()) {
                if (random.nextDouble() >= model.missing() || values.isEmpty()) {
                    values.put(modality.name(), value(modality, random));
                }
            }
            records.add(new SiteRecord(
                    "r" + i,
                    "s" + i,
                    "site",
                    null,
                    values,
                    random.nextInt(model.schema().classes().size()),
                    new SiteRecord.Consent.Granted(Set.of("benchmark")),
                    new SiteRecord.Provenance("drawn", List.of())));
        }
        return records;
    }

    private static ModalityValue value(Modality modality, SplittableRandom random) {
        return switch (modality) {
            case Modality.Image image ->
                new ModalityValue.Image(floats(image.channels() * image.size() * image.size(), random));
            case Modality.Text text -> {
                // Notes that nearly fill the window, as the drawn hospitals' do.
                int[] tokens = new int[text.maxTokens() - random.nextInt(text.maxTokens() / 8)];
                var wide = new TreeSet<Integer>();
                for (int i = 0; i < tokens.length; i++) {
                    tokens[i] = random.nextInt(1, text.vocabulary());
                    wide.add(random.nextInt(text.wideVocabulary()));
                }
                yield new ModalityValue.Text(
                        tokens, wide.stream().mapToInt(Integer::intValue).toArray());
            }
            case Modality.Series series -> {
                float[] values = floats(series.channels().size() * series.steps(), random);
                boolean[] observed = new boolean[values.length];
                Arrays.fill(observed, true);
                yield new ModalityValue.Series(values, observed);
            }
            case Modality.Table table -> {
                boolean[] observed = new boolean[table.columns().size()];
                Arrays.fill(observed, true);
                yield new ModalityValue.Table(floats(observed.length, random), observed);
            }
        };
    }

    private static float[] floats(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }
}
