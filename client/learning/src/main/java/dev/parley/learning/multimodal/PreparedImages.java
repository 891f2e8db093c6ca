package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.SiteRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Images as an {@link ImageModel} reads them. A record without an image reaches the output as a hidden layer of zeros, so
 * what answers is the output's bias: what training saw of the classes, and nothing else.
 */
final class PreparedImages implements Network.Prepared {
    private final ImageModel network;
    private final List<float @Nullable []> pixels;
    private final int[] labels;

    /**
     * @param pixels standardised, one for each record; null where the image is missing
     * @param labels one for each record
     */
    PreparedImages(ImageModel network, List<float @Nullable []> pixels, int[] labels) {
        this.network = network;
        this.pixels = pixels;
        this.labels = labels;
    }

    /** @param present modalities that may be used */
    static PreparedImages of(ImageModel network, List<SiteRecord> records, Set<String> present) {
        String name = network.image().name();
        boolean allowed = present.contains(name);
        List<float @Nullable []> pixels = new ArrayList<>(records.size());
        int[] labels = new int[records.size()];
        for (SiteRecord record : records) {
            labels[pixels.size()] = record.label();
            ModalityValue value = allowed ? record.values().get(name) : null;
            pixels.add(value == null ? null : ImagePixels.standardised((ModalityValue.Image) value));
        }
        return new PreparedImages(network, pixels, labels);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public PtNDArray scores(StepScope scope, int[] indices) {
        return forward(scope, indices, null);
    }

    @Override
    public PtNDArray loss(StepScope scope, int[] indices, SplittableRandom random, Objective objective) {
        PtNDArray scores = forward(scope, indices, new Change(random, objective.augmentation()));
        return CrossEntropy.mean(scope, scores, labels, indices, objective.labelSmoothing());
    }

    private PtNDArray forward(StepScope scope, int[] indices, @Nullable Change change) {
        List<float @Nullable []> batch = new ArrayList<>(indices.length);
        for (int index : indices) {
            batch.add(pixels.get(index));
        }
        return network.scores(scope, batch, change);
    }
}
