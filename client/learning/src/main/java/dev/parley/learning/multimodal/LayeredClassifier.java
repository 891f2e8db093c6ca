package dev.parley.learning.multimodal;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.LayeredNetwork.Activation;
import dev.parley.learning.multimodal.LayeredNetwork.Convolution;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import dev.parley.learning.multimodal.Network.Pace;
import dev.parley.learning.multimodal.ParameterSpec.Start;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link LayeredNetwork} bound to its image. */
final class LayeredClassifier implements Network, ImageModel {
    private static final String OUTPUT = "output";

    private final LayeredNetwork architecture;
    private final Modality.Image image;
    private final int classes;
    private final Map<String, ParameterSpec> specs = new LinkedHashMap<>();
    private final ParameterLayout layout;

    LayeredClassifier(LayeredNetwork architecture, Modality.Image image, int classes) {
        this.architecture = architecture;
        this.image = image;
        this.classes = classes;
        // Of a starting weight's variance times its fan-in: 2 before a rectifier (He et al., ICCV 2015), 1 before a
        // sigmoid.
        double gain = architecture.activation() == Activation.RELU ? 2 : 1;
        List<ParameterSpec> parameters = new ArrayList<>();
        int side = image.size();
        long inputs = image.channels();
        for (int i = 0; i < architecture.convolutions().size(); i++) {
            Convolution convolution = architecture.convolutions().get(i);
            add(
                    parameters,
                    convolution(i),
                    GradientRule.CONVOLUTION,
                    gain,
                    convolution.channels(),
                    inputs,
                    convolution.kernel(),
                    convolution.kernel());
            inputs = convolution.channels();
            side = convolution.side(side);
        }
        inputs *= (long) side * side;
        for (int i = 0; i < architecture.hidden().size(); i++) {
            int width = architecture.hidden().get(i);
            add(parameters, hidden(i), GradientRule.LINEAR, gain, width, inputs);
            inputs = width;
        }
        // Small first scores, as nothing follows them.
        add(parameters, OUTPUT, GradientRule.LINEAR, 1.0 / 3, classes, inputs);
        parameters.forEach(spec -> specs.put(spec.block().name(), spec));
        this.layout =
                ParameterLayout.of(parameters.stream().map(ParameterSpec::block).toList());
    }

    private static String convolution(int index) {
        return "convolution" + (index + 1);
    }

    private static String hidden(int index) {
        return "hidden" + (index + 1);
    }

    private static void add(
            List<ParameterSpec> parameters, String name, GradientRule rule, double gain, long... shape) {
        double fanIn = 1;
        for (int i = 1; i < shape.length; i++) {
            fanIn *= shape[i];
        }
        parameters.add(new ParameterSpec(
                Block.of(name + ".weight", shape), Start.NORMAL, Math.sqrt(gain / fanIn), Pace.BODY, rule));
        parameters.add(ParameterSpec.constant(name + ".bias", 0, shape[0]).by(rule));
    }

    @Override
    public Modality.Image image() {
        return image;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public PtNDArray scores(StepScope scope, List<float @Nullable []> batch, @Nullable Change change) {
        List<Convolution> convolutions = architecture.convolutions();
        PtNDArray x = convolutions.isEmpty()
                ? ImagePixels.rows(scope, image, batch, change)
                : ImagePixels.tensor(scope, image, batch, change);
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
        return scope.linear(OUTPUT, ImageModel.present(scope, x, batch));
    }

    private PtNDArray activated(PtNDArray x) {
        return switch (architecture.activation()) {
            case RELU -> JniUtils.relu(x);
            case TANH -> JniUtils.tanh(x);
        };
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public ParameterVector initialise(long seed) {
        float[] values = new float[layout.size()];
        specs.forEach((name, spec) -> spec.initialise(seed, values, layout.offset(name)));
        return ParameterVector.of(layout, values);
    }

    @Override
    public Pace pace(Block block) {
        return ParameterSpec.of(specs, block).pace();
    }

    @Override
    public GradientRule rule(Block block) {
        return ParameterSpec.of(specs, block).rule();
    }

    @Override
    public boolean needsStatistics() {
        return false;
    }

    @Override
    public ParameterVector statistics(ParameterVector model, List<SiteRecord> records) {
        return model;
    }

    @Override
    public PreparedImages prepare(ParameterVector model, List<SiteRecord> records, Set<String> present) {
        return PreparedImages.of(this, records, present);
    }
}
