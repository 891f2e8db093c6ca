package dev.parley.learning.multimodal;

import dev.parley.learning.record.RecordSchema;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The default model: one encoder per modality, pre-LayerNorm transformer blocks shared by the modalities, and fusion
 * through a few bottleneck tokens (Nagrani et al., "Attention Bottlenecks for Multimodal Fusion", NeurIPS 2021). The
 * first block is local to each modality; in the later ones modalities meet through the bottleneck only. A missing
 * modality is masked and announced by a learned token. The fused score is the fusion head's plus those of the present
 * modalities' own heads.
 *
 * @param width size of a token
 * @param heads attention heads; divides {@code width}
 * @param feedForward hidden size of a block's feed-forward part
 * @param layers transformer blocks, the modality-local first one included; at least 2
 * @param bottlenecks tokens through which modalities meet
 * @param textEmbedding size of a token embedding before it is projected to {@code width}
 * @param dropout probability of dropping an activation after attention and feed-forward
 * @param modalityDropout probability of hiding a present modality of a training record; never all of them
 * @param wideDropout probability of hiding one feature of the wide text path in training
 * @param series treatment of a series modality, by its name; {@link SeriesSettings#DEFAULT} where absent
 */
public record BottleneckTransformer(
        int width,
        int heads,
        int feedForward,
        int layers,
        int bottlenecks,
        int textEmbedding,
        double dropout,
        double modalityDropout,
        double wideDropout,
        Map<String, SeriesSettings> series)
        implements Architecture {

    public BottleneckTransformer {
        series = java.util.Collections.unmodifiableMap(new TreeMap<>(series));
        if (heads < 1 || width < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "the number of heads divides the width; got " + heads + " heads and width " + width);
        }
        if (layers < 2) {
            throw new IllegalArgumentException(
                    "at least 2 layers, one local to each modality and one for fusion; got " + layers);
        }
    }

    /**
     * The sizes named in the design. With an image of 64 x 64, a note of 4,096 tokens and 8,192 buckets and a series of
     * 12 channels they have 155 thousand, 495 thousand, 1.9 and 4.7 million parameters; with a table of 8 columns
     * instead of the series, XS has 136 and S 447 thousand.
     */
    public enum Tier {
        XS(48, 4, 96, 2, 16),
        S(96, 4, 192, 3, 32),
        M(192, 6, 384, 4, 64),
        L(288, 8, 576, 5, 96);

        private final int width;
        private final int heads;
        private final int feedForward;
        private final int layers;
        private final int textEmbedding;

        Tier(int width, int heads, int feedForward, int layers, int textEmbedding) {
            this.width = width;
            this.heads = heads;
            this.feedForward = feedForward;
            this.layers = layers;
            this.textEmbedding = textEmbedding;
        }

        /** This tier with the default regularisation. */
        public BottleneckTransformer architecture() {
            return new BottleneckTransformer(
                    width, heads, feedForward, layers, 4, textEmbedding, 0.1, 0.3, 0.0, Map.of());
        }
    }

    /** How the channels of a series modality are brought to one scale, by moments agreed across the sites. */
    public enum Normalisation {
        /** Values as harmonised to the declared range. */
        NONE,
        /** Divided by the root mean square, so that zero keeps its physical meaning. */
        RMS,
        /** Mean 0 and variance 1 per channel. */
        STANDARDISE,
        /** Mean 0 and identity covariance over the channels (symmetric inverse square root, so channels keep their place). */
        WHITEN
    }

    /**
     * @param normalisation scale of the channels
     * @param centred whether a copy of each channel without its window's mean is given beside it
     * @param vectors groups of three channels that are the axes of one vector (such as an accelerometer); each group
     *     gets its magnitude as one more channel
     * @param eitherWay whether the device may sit either way round, as a phone in a pocket does: then the sign of an axis's
     *     mean is not given to the model, and training may turn all groups together by 180 degrees
     */
    public record SeriesSettings(
            Normalisation normalisation, boolean centred, List<List<String>> vectors, boolean eitherWay) {
        public static final SeriesSettings DEFAULT = new SeriesSettings(Normalisation.STANDARDISE, true, List.of());

        /** A device that may sit either way round. */
        public SeriesSettings(Normalisation normalisation, boolean centred, List<List<String>> vectors) {
            this(normalisation, centred, vectors, true);
        }

        public SeriesSettings {
            vectors = vectors.stream().map(List::copyOf).toList();
            for (List<String> vector : vectors) {
                if (vector.size() != 3) {
                    throw new IllegalArgumentException("a vector has three axes, got the channels " + vector);
                }
            }
        }
    }

    public BottleneckTransformer withSeries(Map<String, SeriesSettings> settings) {
        return new BottleneckTransformer(
                width,
                heads,
                feedForward,
                layers,
                bottlenecks,
                textEmbedding,
                dropout,
                modalityDropout,
                wideDropout,
                settings);
    }

    @Override
    public Network network(RecordSchema schema) {
        return new BottleneckTransformerNetwork(this, schema);
    }
}
