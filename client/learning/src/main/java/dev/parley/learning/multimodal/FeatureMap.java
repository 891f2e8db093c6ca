package dev.parley.learning.multimodal;

import dev.parley.learning.multimodal.HandcraftedFeatures.ReferenceRange;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From one modality's value to features that are fixed in advance. The last feature of every map is 1: its weight is a bias. */
sealed interface FeatureMap {
    /** Features, the constant one included. */
    int width();

    Features of(ModalityValue value);

    /**
     * @param ids of the features that are not 0, each once
     * @param values of those, in the same order
     */
    record Features(long[] ids, float[] values) {
        /** All of a dense vector, scaled, and the constant. */
        static Features dense(double[] vector, double scale) {
            long[] ids = new long[vector.length + 1];
            float[] values = new float[ids.length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = i;
                values[i] = i == vector.length ? 1f : (float) (vector[i] * scale);
            }
            return new Features(ids, values);
        }
    }

    static FeatureMap of(Modality modality, HandcraftedFeatures architecture) {
        double length = architecture.length(modality.name());
        Map<String, ReferenceRange> ranges = architecture.references().getOrDefault(modality.name(), Map.of());
        return switch (modality) {
            case Modality.Image image -> new Areas(image, Math.min(architecture.cells(), image.size()), length);
            case Modality.Text text -> new Words(text, length);
            case Modality.Series series -> new Courses(series, Scale.of(series.channels(), ranges), length);
            case Modality.Table table -> new Row(table, Scale.of(table.columns(), ranges), length);
        };
    }

    /** Means of areas of the standardised image. */
    record Areas(Modality.Image image, int cells, double length) implements FeatureMap {
        private static final double SHORTEST = 1e-6;

        @Override
        public int width() {
            return image.channels() * cells * cells + 1;
        }

        @Override
        public Features of(ModalityValue value) {
            float[] pixels = ImagePixels.standardised((ModalityValue.Image) value);
            int size = image.size();
            double[] means = new double[width() - 1];
            int[] counts = new int[means.length];
            for (int i = 0; i < pixels.length; i++) {
                int x = i % size;
                int y = i / size % size;
                int area = (i / (size * size) * cells + y * cells / size) * cells + x * cells / size;
                means[area] += pixels[i];
                counts[area]++;
            }
            double squares = 0;
            for (int i = 0; i < means.length; i++) {
                means[i] /= counts[i];
                squares += means[i] * means[i];
            }
            return Features.dense(means, length / Math.max(SHORTEST, Math.sqrt(squares)));
        }
    }

    /** Which hashed words and pairs of words occur. */
    record Words(Modality.Text text, double length) implements FeatureMap {
        public Words {
            if (text.wideVocabulary() == 0) {
                throw new IllegalArgumentException("handcrafted features of the text '" + text.name()
                        + "' are its hashed words, and wideVocabulary is 0; give it buckets, such as 8192");
            }
        }

        @Override
        public int width() {
            return text.wideVocabulary() + 1;
        }

        @Override
        public Features of(ModalityValue value) {
            int[] buckets = ((ModalityValue.Text) value).wide();
            long[] ids = new long[buckets.length + 1];
            float[] values = new float[ids.length];
            Arrays.fill(values, (float) (length / Math.sqrt(Math.max(1, buckets.length))));
            for (int i = 0; i < buckets.length; i++) {
                ids[i] = buckets[i];
            }
            ids[buckets.length] = text.wideVocabulary();
            values[buckets.length] = 1;
            return new Features(ids, values);
        }
    }

    /**
     * Of each channel: mean, mean of the window's later half, deviation, lowest, highest, and the share of steps observed; 0
     * where nothing was.
     */
    record Courses(Modality.Series series, List<Scale> scales, double length) implements FeatureMap {
        private static final int OF_CHANNEL = 6;

        @Override
        public int width() {
            return OF_CHANNEL * scales.size() + 1;
        }

        @Override
        public Features of(ModalityValue value) {
            var course = (ModalityValue.Series) value;
            double[] features = new double[width() - 1];
            for (int channel = 0; channel < scales.size(); channel++) {
                write(course, channel, features, channel * OF_CHANNEL);
            }
            return Features.dense(features, length / Math.sqrt(features.length));
        }

        private void write(ModalityValue.Series course, int channel, double[] features, int at) {
            int steps = series.steps();
            Scale scale = scales.get(channel);
            int count = 0;
            int later = 0;
            double sum = 0;
            double laterSum = 0;
            double squares = 0;
            double lowest = Double.POSITIVE_INFINITY;
            double highest = Double.NEGATIVE_INFINITY;
            for (int t = 0; t < steps; t++) {
                if (!course.observed()[channel * steps + t]) {
                    continue;
                }
                double z = scale.halfWidths(course.values()[channel * steps + t]);
                count++;
                sum += z;
                squares += z * z;
                lowest = Math.min(lowest, z);
                highest = Math.max(highest, z);
                if (t >= steps / 2) {
                    later++;
                    laterSum += z;
                }
            }
            if (count == 0) {
                return;
            }
            double mean = sum / count;
            features[at] = Scale.cut(mean);
            features[at + 1] = Scale.cut(later == 0 ? mean : laterSum / later);
            features[at + 2] = Scale.cut(Math.sqrt(Math.max(0, squares / count - mean * mean)));
            features[at + 3] = Scale.cut(lowest);
            features[at + 4] = Scale.cut(highest);
            features[at + 5] = (double) count / steps;
        }
    }

    /** Of each column: its value, and whether there is one. */
    record Row(Modality.Table table, List<Scale> scales, double length) implements FeatureMap {
        @Override
        public int width() {
            return 2 * scales.size() + 1;
        }

        @Override
        public Features of(ModalityValue value) {
            var row = (ModalityValue.Table) value;
            double[] features = new double[width() - 1];
            for (int column = 0; column < scales.size(); column++) {
                if (row.observed()[column]) {
                    features[2 * column] = Scale.cut(scales.get(column).halfWidths(row.values()[column]));
                    features[2 * column + 1] = 1;
                }
            }
            return Features.dense(features, length / Math.sqrt(features.length));
        }
    }

    /** How far a harmonised value is from the middle of what is ordinary. */
    record Scale(double middle, double halfWidth) {
        /** Half-widths beyond which one value is as extraordinary as another. */
        private static final double EXTREME = 3;

        static List<Scale> of(List<Channel> channels, Map<String, ReferenceRange> ranges) {
            return channels.stream()
                    .map(channel -> of(channel, ranges.get(channel.name())))
                    .toList();
        }

        private static Scale of(Channel channel, @Nullable ReferenceRange range) {
            if (range == null) {
                return new Scale(0, 1);
            }
            double low = channel.scaled(range.low());
            double high = channel.scaled(range.high());
            return new Scale((low + high) / 2, (high - low) / 2);
        }

        double halfWidths(double harmonised) {
            return (harmonised - middle) / halfWidth;
        }

        /** Into [-1, 1]. */
        static double cut(double halfWidths) {
            return Math.clamp(halfWidths / EXTREME, -1, 1);
        }
    }
}
