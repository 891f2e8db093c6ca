package dev.parley.learning.multimodal;

import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One token from all columns, each with a flag that says whether it was observed. */
final class TableEncoder implements ModalityEncoder<float[]> {
    private final Modality.Table modality;
    private final int width;

    TableEncoder(Modality.Table modality, int width) {
        this.modality = modality;
        this.width = width;
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.concat(
                        Layers.linear(
                                modality.name() + ".input",
                                width,
                                2 * modality.columns().size())
                                .stream(),
                        Layers.linear(modality.name() + ".output", width, width).stream())
                .toList();
    }

    @Override
    public float[] features(Normaliser normaliser, ModalityValue value) {
        var table = (ModalityValue.Table) value;
        int columns = modality.columns().size();
        float[] features = new float[2 * columns];
        for (int i = 0; i < columns; i++) {
            boolean observed = table.observed()[i];
            features[i] = observed ? table.values()[i] : 0;
            features[columns + i] = observed ? 1 : 0;
        }
        return features;
    }

    @Override
    public Encoded encode(StepScope scope, List<float @Nullable []> batch, @Nullable Change change) {
        int values = 2 * modality.columns().size();
        float[] rows = new float[batch.size() * values];
        for (int row = 0; row < batch.size(); row++) {
            float[] features = batch.get(row);
            if (features != null) {
                System.arraycopy(features, 0, rows, row * values, values);
            }
        }
        var hidden =
                JniUtils.gelu(scope.linear(modality.name() + ".input", scope.floats(rows, batch.size(), 1, values)));
        return new Encoded(scope.linear(modality.name() + ".output", hidden), null, null, null);
    }
}
