package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.BottleneckTransformer.Normalisation;
import dev.parley.learning.multimodal.BottleneckTransformer.SeriesSettings;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.privacy.update.ParameterVector;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two convolutions of stride 2 over normalised channels, their centred copies and their observed flags; the first token
 * is made of the window's statistics.
 */
final class SeriesEncoder implements ModalityEncoder<SeriesEncoder.Features> {
    private static final int KERNEL = 5;
    private static final int STAGES = 2;

    private final Modality.Series modality;
    private final SeriesSettings settings;
    private final SeriesMoments moments;
    private final SeriesStatistics statistics;
    private final int width;
    private final int channels;

    /**
     * @param values channels, then centred copies if there are any, channel-major
     * @param observed 1 where observed, one row for each measured channel
     * @param statistics the window's statistics, {@link SeriesStatistics#FEATURES} for each channel and magnitude
     * @param vectors channels that are axes of one vector
     */
    record Features(float[] values, float[] observed, float[] statistics, int[][] vectors) {}

    SeriesEncoder(Modality.Series modality, SeriesSettings settings, int width) {
        boolean keepsZero =
                settings.normalisation() == Normalisation.RMS || settings.normalisation() == Normalisation.NONE;
        if (!settings.vectors().isEmpty() && !keepsZero) {
            throw new IllegalArgumentException("learning.architecture.series." + modality.name()
                    + ".vectors: a vector needs its zero; expected normalisation rms or none, got "
                    + settings.normalisation().name().toLowerCase(java.util.Locale.ROOT));
        }
        this.modality = modality;
        this.settings = settings;
        this.moments = new SeriesMoments(modality);
        this.statistics = new SeriesStatistics(modality.steps());
        this.width = width;
        this.channels = modality.channels().size() + settings.vectors().size();
    }

    boolean needsStatistics() {
        return settings.normalisation() != Normalisation.NONE;
    }

    SeriesMoments moments() {
        return moments;
    }

    private int valueRows() {
        return settings.centred() ? 2 * channels : channels;
    }

    private int inputRows() {
        return valueRows() + modality.channels().size();
    }

    private int tokens() {
        int tokens = modality.steps();
        for (int stage = 0; stage < STAGES; stage++) {
            tokens = (tokens + 1) / 2;
        }
        return tokens;
    }

    @Override
    public List<ParameterSpec> parameters() {
        String name = modality.name();
        Stream<ParameterSpec> own = Stream.of(
                        Layers.convolution(name + ".convolution1", width / 2, inputRows(), KERNEL),
                        Layers.convolution(name + ".convolution2", width, width / 2, KERNEL),
                        List.of(ParameterSpec.normal(name + ".position", 0.1, tokens(), width)
                                .by(GradientRule.SHARED)))
                .flatMap(List::stream);
        Stream<ParameterSpec> summary = Stream.concat(
                Layers.linear(name + ".statistics_input", width, channels * SeriesStatistics.FEATURES).stream(),
                Layers.linear(name + ".statistics_output", width, width).stream());
        Stream<ParameterSpec> agreed = needsStatistics() ? moments.parameters().stream() : Stream.empty();
        return Stream.of(own, summary, agreed).flatMap(s -> s).toList();
    }

    @Override
    public Normaliser normaliser(ParameterVector model) {
        return new SeriesNormaliser(modality, settings, needsStatistics() ? moments.read(model) : null);
    }

    @Override
    public Features features(Normaliser normaliser, ModalityValue value) {
        var series = (ModalityValue.Series) value;
        var scale = (SeriesNormaliser) normaliser;
        SeriesNormaliser.Normalised normalised = scale.apply(series);
        int steps = modality.steps();
        float[] values = Arrays.copyOf(normalised.values(), valueRows() * steps);
        float[] summary = new float[channels * SeriesStatistics.FEATURES];
        boolean[] isAxis = new boolean[channels];
        for (int[] vector : scale.vectors()) {
            for (int axis : vector) {
                isAxis[axis] = settings.eitherWay();
            }
        }
        for (int channel = 0; channel < channels; channel++) {
            statistics.write(
                    normalised.values(),
                    normalised.observed(),
                    channel * steps,
                    isAxis[channel],
                    summary,
                    channel * SeriesStatistics.FEATURES);
            if (settings.centred()) {
                float mean = meanObserved(normalised, channel);
                for (int t = 0; t < steps; t++) {
                    int at = channel * steps + t;
                    values[channels * steps + at] =
                            normalised.observed()[at] ? normalised.values()[at] - mean : 0;
                }
            }
        }
        float[] observed = new float[modality.channels().size() * steps];
        for (int i = 0; i < observed.length; i++) {
            observed[i] = series.observed()[i] ? 1 : 0;
        }
        return new Features(values, observed, summary, scale.vectors());
    }

    private float meanObserved(SeriesNormaliser.Normalised series, int channel) {
        double sum = 0;
        int count = 0;
        for (int at = channel * modality.steps(); at < (channel + 1) * modality.steps(); at++) {
            if (series.observed()[at]) {
                sum += series.values()[at];
                count++;
            }
        }
        return (float) (sum / Math.max(1, count));
    }

    @Override
    public Encoded encode(StepScope scope, List<@Nullable Features> batch, @Nullable Change change) {
        int steps = modality.steps();
        int rowLength = inputRows() * steps;
        int summaryLength = channels * SeriesStatistics.FEATURES;
        float[] inputs = new float[batch.size() * rowLength];
        float[] summaries = new float[batch.size() * summaryLength];
        for (int row = 0; row < batch.size(); row++) {
            Features features = batch.get(row);
            if (features == null) {
                continue;
            }
            System.arraycopy(features.values(), 0, inputs, row * rowLength, features.values().length);
            System.arraycopy(
                    features.observed(), 0, inputs, row * rowLength + valueRows() * steps, features.observed().length);
            System.arraycopy(features.statistics(), 0, summaries, row * summaryLength, summaryLength);
            if (change != null) {
                vary(features, inputs, row * rowLength, summaries, row * summaryLength, change);
            }
        }
        String name = modality.name();
        PtNDArray x = scope.floats(inputs, batch.size(), inputRows(), steps);
        x = Layers.halve(
                scope,
                name + ".convolution2",
                JniUtils.gelu(Layers.halve(scope, name + ".convolution1", x, KERNEL)),
                KERNEL);
        PtNDArray body = JniUtils.add(JniUtils.transpose(x, 1, 2), scope.shared(name + ".position", batch.size()));
        PtNDArray hidden = JniUtils.gelu(
                scope.linear(name + ".statistics_input", scope.floats(summaries, batch.size(), 1, summaryLength)));
        return new Encoded(scope.linear(name + ".statistics_output", hidden), body, null, null);
    }

    /** Moves one row by {@code by} steps, values and flags of observation alike; zeros move in. */
    private void shift(float[] inputs, int offset, int by) {
        int steps = modality.steps();
        int kept = steps - Math.abs(by);
        System.arraycopy(inputs, offset + Math.max(0, -by), inputs, offset + Math.max(0, by), kept);
        Arrays.fill(inputs, by > 0 ? offset : offset + kept, by > 0 ? offset + by : offset + steps, 0f);
    }

    /**
     * One scale factor for the whole window, one turn for all its vectors, noise where something was observed, and one shift in
     * time. The window's statistics follow the scale only: a shift hardly changes them.
     */
    private void vary(
            Features features, float[] inputs, int inputOffset, float[] summaries, int summaryOffset, Change change) {
        SplittableRandom random = change.random();
        Augmentation augmentation = change.augmentation();
        float factor = (float) Math.exp(augmentation.seriesScale() * random.nextGaussian());
        float[] signs = new float[channels];
        Arrays.fill(signs, 1);
        if (augmentation.axisTurns() && settings.eitherWay()) {
            // Choice 3 leaves the device as it is; a turn about one axis negates the two others.
            int about = random.nextInt(4);
            for (int[] vector : features.vectors()) {
                for (int axis = 0; axis < vector.length; axis++) {
                    signs[vector[axis]] = about == 3 || axis == about ? 1 : -1;
                }
            }
        }
        var noise = new FastNoise(augmentation.seriesNoise(), random);
        int steps = modality.steps();
        for (int row = 0; row < valueRows(); row++) {
            float change1 = factor * signs[row % channels];
            for (int t = 0; t < steps; t++) {
                int at = inputOffset + row * steps + t;
                inputs[at] = inputs[at] == 0 ? 0 : inputs[at] * change1 + noise.next();
            }
        }
        if (augmentation.seriesShift() > 0) {
            int shift = random.nextInt(-augmentation.seriesShift(), augmentation.seriesShift() + 1);
            for (int row = 0; row < inputRows(); row++) {
                shift(inputs, inputOffset + row * steps, Math.clamp(shift, -steps, steps));
            }
        }
        float logFactor = (float) Math.log(factor);
        for (int channel = 0; channel < channels; channel++) {
            int at = summaryOffset + channel * SeriesStatistics.FEATURES;
            if (summaries[at + SeriesStatistics.OBSERVED] == 0) {
                continue;
            }
            for (int i = 0; i < SeriesStatistics.LOGARITHMIC; i++) {
                summaries[at + i] += logFactor;
            }
            summaries[at + SeriesStatistics.LOGARITHMIC] *= factor;
        }
    }
}
