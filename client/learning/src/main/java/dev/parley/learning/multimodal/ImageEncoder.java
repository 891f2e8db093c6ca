package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Three convolutions of stride 2 turn a standardised image into a grid of tokens.
 */
final class ImageEncoder implements ModalityEncoder<float[]> {
    private static final int KERNEL = 3;
    private static final int STAGES = 3;

    private final Modality.Image modality;
    private final int width;

    ImageEncoder(Modality.Image modality, int width) {
        this.modality = modality;
        this.width = width;
    }

    private int side() {
        int side = modality.size();
        for (int stage = 0; stage < STAGES; stage++) {
            side = (side + 1) / 2;
        }
        return side;
    }

    private int channelsAfter(int stage) {
        return stage == STAGES ? width : Math.max(8, width >> (STAGES - stage)) / 8 * 8;
    }

    @Override
    public List<ParameterSpec> parameters() {
        String name = modality.name();
        Stream<ParameterSpec> stages = Stream.empty();
        int inputs = modality.channels();
        for (int stage = 1; stage <= STAGES; stage++) {
            String stageName = name + ".convolution" + stage;
            stages = Stream.concat(
                    stages, Layers.convolution(stageName, channelsAfter(stage), inputs, KERNEL, KERNEL).stream());
            inputs = channelsAfter(stage);
        }
        return Stream.concat(
                        stages,
                        Stream.of(
                                ParameterSpec.normal(name + ".summary", 0.5, width)
                                        .by(GradientRule.SHARED),
                                ParameterSpec.normal(name + ".position", 0.1, (long) side() * side(), width)
                                        .by(GradientRule.SHARED)))
                .toList();
    }

    @Override
    public float[] features(Normaliser normaliser, ModalityValue value) {
        return ImagePixels.standardised((ModalityValue.Image) value);
    }

    @Override
    public Encoded encode(StepScope scope, List<float @Nullable []> batch, @Nullable Change change) {
        PtNDArray x = ImagePixels.tensor(scope, modality, batch, change);
        for (int stage = 1; stage <= STAGES; stage++) {
            x = Layers.halve(scope, modality.name() + ".convolution" + stage, x, KERNEL);
            x = stage < STAGES ? JniUtils.relu(x) : x;
        }
        long tokens = (long) side() * side();
        PtNDArray grid = JniUtils.transpose(JniUtils.reshape(x, new long[] {batch.size(), width, tokens}), 1, 2);
        PtNDArray body = JniUtils.add(grid, scope.shared(modality.name() + ".position", batch.size()));
        PtNDArray summary = JniUtils.add(
                scope.constant(0f, batch.size(), 1, width), scope.shared(modality.name() + ".summary", batch.size()));
        return new Encoded(summary, body, null, null);
    }
}
