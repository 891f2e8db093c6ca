package dev.parley.learning.multimodal;

import dev.parley.learning.multimodal.BottleneckTransformer.Normalisation;
import dev.parley.learning.multimodal.BottleneckTransformer.SeriesSettings;
import dev.parley.learning.multimodal.ModalityEncoder.Normaliser;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings one series modality to the scale that the sites agreed on: {@code y = A (x - shift)} at every step, with
 * channels that were not observed at their mean before the map and at 0 after it; then the magnitudes of the declared
 * vectors, each divided by its own root mean square.
 */
final class SeriesNormaliser implements Normaliser {
    /** Smallest eigenvalue of a covariance, relative to the largest, that still counts as signal. */
    private static final double EIGENVALUE_FLOOR = 1e-6;
    /** Smallest deviation in units of half the declared range that still counts as signal. */
    private static final double SMALLEST_DEVIATION = 1e-4;

    private final int channels;
    private final int steps;
    private final double[] shift;
    private final double[] map;
    private final int[][] vectors;
    /** What one unit of a harmonised channel is in the channel's own unit. */
    private final double[] unit;

    private final double[] zero;
    private final double[] vectorScale;

    SeriesNormaliser(Modality.Series modality, SeriesSettings settings, SeriesMoments.@Nullable Agreed moments) {
        this.channels = modality.channels().size();
        this.steps = modality.steps();
        this.shift = new double[channels];
        this.map = new double[channels * channels];
        this.vectors = vectorIndices(modality, settings);
        this.unit = new double[channels];
        this.zero = new double[channels];
        for (int i = 0; i < channels; i++) {
            Channel channel = modality.channels().get(i);
            unit[i] = (channel.maximum() - channel.minimum()) / 2;
            zero[i] = channel.scaled(0);
            map[i * channels + i] = 1;
        }
        double[] size = new double[channels];
        java.util.Arrays.fill(size, 1);
        if (moments != null) {
            for (int i = 0; i < channels; i++) {
                size[i] = Math.max(SMALLEST_DEVIATION, rootMeanSquare(moments, i));
            }
            agree(settings.normalisation(), moments, size);
        }
        this.vectorScale = new double[vectors.length];
        for (int v = 0; v < vectors.length; v++) {
            for (int axis : vectors[v]) {
                vectorScale[v] += unit[axis] * unit[axis] * size[axis] * size[axis];
            }
            vectorScale[v] = 1 / Math.sqrt(vectorScale[v]);
        }
    }

    private void agree(Normalisation normalisation, SeriesMoments.Agreed moments, double[] size) {
        double[] covariance = moments.covariance();
        switch (normalisation) {
            case NONE -> {}
            case RMS -> {
                for (int i = 0; i < channels; i++) {
                    shift[i] = zero[i];
                    map[i * channels + i] = 1 / size[i];
                }
            }
            case STANDARDISE -> {
                for (int i = 0; i < channels; i++) {
                    shift[i] = moments.mean()[i];
                    double deviation = Math.sqrt(Math.max(0, covariance[i * channels + i]));
                    map[i * channels + i] = 1 / Math.max(SMALLEST_DEVIATION, deviation);
                }
            }
            case WHITEN -> {
                System.arraycopy(moments.mean(), 0, shift, 0, channels);
                double[] root = new SymmetricMatrix(channels, covariance).inverseSquareRoot(EIGENVALUE_FLOOR);
                System.arraycopy(root, 0, map, 0, root.length);
            }
        }
    }

    /** About the physical zero, not about the mean. */
    private double rootMeanSquare(SeriesMoments.Agreed moments, int i) {
        double mean = moments.mean()[i];
        double square = moments.secondMoment()[i * channels + i];
        return Math.sqrt(Math.max(0, square - 2 * zero[i] * mean + zero[i] * zero[i]));
    }

    private static int[][] vectorIndices(Modality.Series modality, SeriesSettings settings) {
        List<String> names = modality.channels().stream().map(Channel::name).toList();
        return settings.vectors().stream()
                .map(vector -> vector.stream().mapToInt(names::indexOf).toArray())
                .toArray(int[][]::new);
    }

    int[][] vectors() {
        return vectors;
    }

    /** Channels and then magnitudes, channel-major; 0 where not observed. */
    Normalised apply(ModalityValue.Series series) {
        int outputs = channels + vectors.length;
        float[] values = new float[outputs * steps];
        boolean[] observed = new boolean[outputs * steps];
        double[] centred = new double[channels];
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < channels; i++) {
                observed[i * steps + t] = series.observed()[i * steps + t];
                centred[i] = observed[i * steps + t] ? series.values()[i * steps + t] - shift[i] : 0;
            }
            for (int i = 0; i < channels; i++) {
                if (observed[i * steps + t]) {
                    double sum = 0;
                    for (int j = 0; j < channels; j++) {
                        sum += map[i * channels + j] * centred[j];
                    }
                    values[i * steps + t] = (float) sum;
                }
            }
            for (int v = 0; v < vectors.length; v++) {
                magnitude(series, v, t, values, observed);
            }
        }
        return new Normalised(outputs, values, observed);
    }

    private void magnitude(ModalityValue.Series series, int v, int t, float[] values, boolean[] observed) {
        double square = 0;
        for (int axis : vectors[v]) {
            if (!series.observed()[axis * steps + t]) {
                return;
            }
            double physical = (series.values()[axis * steps + t] - zero[axis]) * unit[axis];
            square += physical * physical;
        }
        int at = (channels + v) * steps + t;
        values[at] = (float) (Math.sqrt(square) * vectorScale[v]);
        observed[at] = true;
    }

    /** @param channels rows of {@code values}: channels and magnitudes */
    record Normalised(int channels, float[] values, boolean[] observed) {}
}
