package dev.parley.learning.multimodal;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;

/** Softmax cross-entropy against labels, some of whose mass may be spread evenly over the classes. */
final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * The mean over a batch.
     *
     * @param scores {@code [batch, classes]}
     * @param labels of all records
     * @param indices of the batch's records among them
     * @param smoothing mass that is spread, in [0, 1)
     */
    static PtNDArray mean(StepScope scope, PtNDArray scores, int[] labels, int[] indices, double smoothing) {
        int batch = indices.length;
        int classes = (int) scores.getShape().get(1);
        float[] targets = new float[batch * classes];
        Arrays.fill(targets, (float) (-smoothing / classes / batch));
        for (int row = 0; row < batch; row++) {
            targets[row * classes + labels[indices[row]]] -= (float) ((1 - smoothing) / batch);
        }
        PtNDArray logarithms = JniUtils.logSoftmax(scores, 1, DataType.FLOAT32);
        return JniUtils.sum(JniUtils.mul(logarithms, scope.floats(targets, batch, classes)));
    }
}
