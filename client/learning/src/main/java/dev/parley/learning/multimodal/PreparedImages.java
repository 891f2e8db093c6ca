package dev.parley.learning.multimodal;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Images as the convolutional network reads them, and its forward pass. A record without an image reaches the output as
 * a hidden layer of zeros, so what answers is the output's bias: what training saw of the classes, and nothing else.
 */
final class PreparedImages implements Network.Prepared {
    private final ImageClassifier network;
    private final List<float @Nullable []> pixels;
    private final int[] labels;

    /**
     * @param pixels standardised, one for each record; null where the image is missing
     * @param labels one for each record
     */
    PreparedImages(ImageClassifier network, List<float @Nullable []> pixels, int[] labels) {
        this.network = network;
        this.pixels = pixels;
        this.labels = labels;
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
        int batch = indices.length;
        int classes = network.classes();
        float[] targets = new float[batch * classes];
        Arrays.fill(targets, (float) (-objective.labelSmoothing() / classes / batch));
        for (int row = 0; row < batch; row++) {
            targets[row * classes + labels[indices[row]]] -= (float) ((1 - objective.labelSmoothing()) / batch);
        }
        PtNDArray logarithms = JniUtils.logSoftmax(scores, 1, DataType.FLOAT32);
        return JniUtils.sum(JniUtils.mul(logarithms, scope.floats(targets, batch, classes)));
    }

    private PtNDArray forward(StepScope scope, int[] indices, @Nullable Change change) {
        List<float @Nullable []> batch = new ArrayList<>(indices.length);
        for (int index : indices) {
            batch.add(pixels.get(index));
        }
        PtNDArray x = ImagePixels.tensor(scope, network.image(), batch, change);
        x = JniUtils.relu(Layers.halve(scope, ImageClassifier.FIRST, x, network.kernel()));
        x = JniUtils.relu(Layers.halve(scope, ImageClassifier.SECOND, x, network.kernel()));
        x = JniUtils.reshape(x, new long[] {batch.size(), -1});
        x = JniUtils.relu(scope.linear(ImageClassifier.HIDDEN, x));
        if (batch.contains(null)) {
            x = JniUtils.mul(x, presence(scope, batch));
        }
        return scope.linear(ImageClassifier.OUTPUT, x);
    }

    private static PtNDArray presence(StepScope scope, List<float @Nullable []> batch) {
        float[] present = new float[batch.size()];
        for (int row = 0; row < present.length; row++) {
            present[row] = batch.get(row) == null ? 0f : 1f;
        }
        return scope.floats(present, present.length, 1);
    }
}
