package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import dev.parley.learning.record.Modality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network whose records are single images, as {@link PreparedImages} uses it. */
interface ImageModel {
    Modality.Image image();

    int classes();

    /**
     * The forward pass. An image that is missing must not be seen by the scores.
     *
     * @param batch standardised pixels; null where the image is missing
     * @param change draws of augmentation; null in prediction
     * @return class scores, {@code [batch, classes]}
     */
    PtNDArray scores(StepScope scope, List<float @Nullable []> batch, @Nullable Change change);

    /** Hidden values with those of missing images set to 0. */
    static PtNDArray present(StepScope scope, PtNDArray hidden, List<float @Nullable []> batch) {
        if (!batch.contains(null)) {
            return hidden;
        }
        float[] present = new float[batch.size()];
        for (int row = 0; row < present.length; row++) {
            present[row] = batch.get(row) == null ? 0f : 1f;
        }
        return JniUtils.mul(hidden, scope.floats(present, present.length, 1));
    }
}
