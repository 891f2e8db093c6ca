package dev.parley.learning.multimodal;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.LayeredNetwork.Activation;
import dev.parley.learning.multimodal.LayeredNetwork.Convolution;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import dev.parley.learning.record.Modality;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link LayeredNetwork} bound to its image. */
final class LayeredClassifier extends ImageModel {
    private static final String OUTPUT = "output";

    private final LayeredNetwork architecture;

    LayeredClassifier(LayeredNetwork architecture, Modality.Image image, int classes) {
        super(image, parameters(architecture, image, classes));
        this.architecture = architecture;
    }

    private static List<ParameterSpec> parameters(LayeredNetwork architecture, Modality.Image image, int classes) {
        // 2 before a rectifier (He et al., ICCV 2015), 1 before a sigmoid.
        double gain = architecture.activation() == Activation.RELU ? 2 : 1;
        List<ParameterSpec> parameters = new ArrayList<>();
        int side = image.size();
        long inputs = image.channels();
        for (int i = 0; i < architecture.convolutions().size(); i++) {
            Convolution convolution = architecture.convolutions().get(i);
            parameters.addAll(ParameterSpec.layer(
                    convolution(i),
                    GradientRule.CONVOLUTION,
                    gain,
                    convolution.channels(),
                    inputs,
                    convolution.kernel(),
                    convolution.kernel()));
            inputs = convolution.channels();
            side = convolution.side(side);
        }
        inputs *= (long) side * side;
        for (int i = 0; i < architecture.hidden().size(); i++) {
            int width = architecture.hidden().get(i);
            parameters.addAll(ParameterSpec.layer(hidden(i), GradientRule.LINEAR, gain, width, inputs));
            inputs = width;
        }
        // Small first scores, as nothing follows them.
        parameters.addAll(ParameterSpec.layer(OUTPUT, GradientRule.LINEAR, 1.0 / 3, classes, inputs));
        return parameters;
    }

    private static String convolution(int index) {
        return "convolution" + (index + 1);
    }

    private static String hidden(int index) {
        return "hidden" + (index + 1);
    }

    @Override
    PtNDArray scores(StepScope scope, List<float @Nullable []> batch, @Nullable Change change) {
        List<Convolution> convolutions = architecture.convolutions();
        PtNDArray x = convolutions.isEmpty()
                ? ImagePixels.rows(scope, image(), batch, change)
                : ImagePixels.tensor(scope, image(), batch, change);
        for (int i = 0; i < convolutions.size(); i++) {
            Convolution convolution = convolutions.get(i);
            x = activated(scope.convolution(convolution(i), x, convolution.stride(), convolution.padding()));
            if (convolution.pool() > 1) {
                x = JniUtils.maxPool(
                        x, new Shape(convolution.pool(), convolution.pool()), new Shape(1, 1), new Shape(0, 0), false);
            }
        }
        x = convolutions.isEmpty() ? x : JniUtils.reshape(x, new long[] {batch.size(), -1});
        for (int i = 0; i < architecture.hidden().size(); i++) {
            x = activated(scope.linear(hidden(i), x));
        }
        return scope.linear(OUTPUT, present(scope, x, batch));
    }

    private PtNDArray activated(PtNDArray x) {
        return switch (architecture.activation()) {
            case RELU -> JniUtils.relu(x);
            case TANH -> JniUtils.tanh(x);
        };
    }
}
