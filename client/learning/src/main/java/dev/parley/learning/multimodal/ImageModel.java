package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A network whose records are single images, as {@link PreparedImages} uses it. Images need no moments of all sites. */
abstract class ImageModel implements DeclaredNetwork {
    private final Modality.Image image;
    private final Parameters parameters;

    ImageModel(Modality.Image image, List<ParameterSpec> parameters) {
        this.image = image;
        this.parameters = new Parameters(parameters);
    }

    final Modality.Image image() {
        return image;
    }

    /**
     * The forward pass. An image that is missing must not be seen by the scores.
     *
     * @param batch standardised pixels; null where the image is missing
     * @param change draws of augmentation; null in prediction
     * @return class scores, {@code [batch, classes]}
     */
    abstract PtNDArray scores(StepScope scope, List<float @Nullable []> batch, @Nullable Change change);

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

    @Override
    public final Parameters parameters() {
        return parameters;
    }

    @Override
    public final PreparedImages prepare(ParameterVector model, List<SiteRecord> records, Set<String> present) {
        return PreparedImages.of(this, records, present);
    }
}
