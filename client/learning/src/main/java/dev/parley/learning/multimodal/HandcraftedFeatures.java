package dev.parley.learning.multimodal;

import dev.parley.learning.record.RecordSchema;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A linear score of features that nobody learned. Under differential privacy a model pays for every parameter with noise, and
 * a few hundred records cannot pay for an encoder; features that are known without looking at them cost nothing
 * (Tramer and Boneh, "Differentially private learning needs better features (or much more data)", ICLR 2021). The score of
 * a record is the sum over its modalities; one that is missing adds nothing.
 *
 * <p>All scales are constants of this document, so that no normalisation statistics leave a site, and no record's features
 * are longer than the lengths say.
 *
 * @param cells an image becomes the means of {@code cells x cells} areas of it, after standardisation by its own moments
 * @param lengths Euclidean length of a modality's features, by its name, 1 where absent: exactly this for images and notes,
 *     at most this for series and tables. How much of the clip norm a modality may take follows from it
 * @param references what is ordinary of a channel, by modality and channel; its declared range where absent. Values are
 *     read in half-widths from the middle
 */
public record HandcraftedFeatures(
        int cells, Map<String, Double> lengths, Map<String, Map<String, ReferenceRange>> references)
        implements Architecture {
    /** Length of a modality's features where none is given. */
    static final double DEFAULT_LENGTH = 1;

    /**
     * The range in which most of the healthy, or of what works as it should, lie: public knowledge, as laboratories print
     * it beside a result.
     *
     * @param low in the channel's unit
     * @param high above {@code low}
     */
    public record ReferenceRange(double low, double high) {
        public ReferenceRange {
            if (!(low < high) || !Double.isFinite(low) || !Double.isFinite(high)) {
                throw new IllegalArgumentException(
                        "a reference range has a finite low below high, got " + low + " and " + high);
            }
        }
    }

    public HandcraftedFeatures {
        if (cells < 1) {
            throw new IllegalArgumentException("an image has at least 1 x 1 areas, got " + cells);
        }
        lengths = Collections.unmodifiableMap(new TreeMap<>(lengths));
        for (Map.Entry<String, Double> length : lengths.entrySet()) {
            if (!(length.getValue() > 0 && length.getValue() < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "the features of " + length.getKey() + " have a length above 0, got " + length.getValue());
            }
        }
        Map<String, Map<String, ReferenceRange>> copy = new TreeMap<>();
        references.forEach((name, ranges) -> copy.put(name, Collections.unmodifiableMap(new TreeMap<>(ranges))));
        references = Collections.unmodifiableMap(copy);
    }

    @Override
    public Network network(RecordSchema schema) {
        return new FeatureClassifier(this, schema);
    }

    /** The block that holds a modality's weights, in the order of its features; the last is the bias. */
    public static String weights(String modality) {
        return modality + ".weights";
    }

    double length(String modality) {
        return lengths.getOrDefault(modality, DEFAULT_LENGTH);
    }
}
