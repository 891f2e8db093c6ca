package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import dev.parley.learning.record.Modality;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A {@link ConvolutionalNetwork} bound to its image: its parameters, and records turned into {@link PreparedImages}. */
final class ImageClassifier extends ImageModel {
    static final String FIRST = "convolution1";
    static final String SECOND = "convolution2";
    static final String HIDDEN = "hidden";
    static final String OUTPUT = "output";

    private final int kernel;

    ImageClassifier(ConvolutionalNetwork architecture, Modality.Image image, int classes) {
        super(image, parameters(architecture, image, classes));
        this.kernel = architecture.kernel();
    }

    private static List<ParameterSpec> parameters(
            ConvolutionalNetwork architecture, Modality.Image image, int classes) {
        int kernel = architecture.kernel();
        long first = architecture.firstChannels();
        long second = architecture.secondChannels();
        long side = halved(halved(image.size()));
        // Gain 2 before a rectifier (He et al., ICCV 2015). No rectifier follows the scores, and small first scores
        // keep
        // the first steps of all sites alike.
        return Stream.of(
                        ParameterSpec.layer(
                                FIRST, GradientRule.CONVOLUTION, 2, first, image.channels(), kernel, kernel),
                        ParameterSpec.layer(SECOND, GradientRule.CONVOLUTION, 2, second, first, kernel, kernel),
                        ParameterSpec.layer(
                                HIDDEN, GradientRule.LINEAR, 2, architecture.hidden(), second * side * side),
                        ParameterSpec.layer(OUTPUT, GradientRule.LINEAR, 1.0 / 3, classes, architecture.hidden()))
                .flatMap(List::stream)
                .toList();
    }

    /** What {@link Layers#halve} makes of a side. */
    private static int halved(int side) {
        return (side + 1) / 2;
    }

    @Override
    PtNDArray scores(StepScope scope, List<float @Nullable []> batch, @Nullable Change change) {
        PtNDArray x = ImagePixels.tensor(scope, image(), batch, change);
        x = JniUtils.relu(Layers.halve(scope, FIRST, x, kernel));
        x = JniUtils.relu(Layers.halve(scope, SECOND, x, kernel));
        x = JniUtils.reshape(x, new long[] {batch.size(), -1});
        x = JniUtils.relu(scope.linear(HIDDEN, x));
        return scope.linear(OUTPUT, present(scope, x, batch));
    }
}
