package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
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

/** A {@link ConvolutionalNetwork} bound to its image: its parameters, and records turned into {@link PreparedImages}. */
final class ImageClassifier implements Network, ImageModel {
    static final String FIRST = "convolution1";
    static final String SECOND = "convolution2";
    static final String HIDDEN = "hidden";
    static final String OUTPUT = "output";

    private final Modality.Image image;
    private final int kernel;
    private final int classes;
    private final Map<String, ParameterSpec> specs = new LinkedHashMap<>();
    private final ParameterLayout layout;

    ImageClassifier(ConvolutionalNetwork architecture, Modality.Image image, int classes) {
        this.image = image;
        this.classes = classes;
        this.kernel = architecture.kernel();
        int side = halved(halved(image.size()));
        List<ParameterSpec> parameters = new ArrayList<>();
        addLayer(parameters, FIRST, 2, architecture.firstChannels(), image.channels(), kernel, kernel);
        addLayer(parameters, SECOND, 2, architecture.secondChannels(), architecture.firstChannels(), kernel, kernel);
        addLayer(parameters, HIDDEN, 2, architecture.hidden(), (long) architecture.secondChannels() * side * side);
        // No rectifier follows the scores, and small first scores keep the first steps of all sites alike.
        addLayer(parameters, OUTPUT, 1.0 / 3, classes, architecture.hidden());
        parameters.forEach(spec -> specs.put(spec.block().name(), spec));
        this.layout =
                ParameterLayout.of(parameters.stream().map(ParameterSpec::block).toList());
    }

    /** @param gain variance of a starting weight times its fan-in; 2 before a rectifier (He et al., ICCV 2015) */
    private static void addLayer(
            List<ParameterSpec> parameters, String name, double gain, long outputs, long... inputs) {
        long[] shape = new long[inputs.length + 1];
        shape[0] = outputs;
        double fanIn = 1;
        for (int i = 0; i < inputs.length; i++) {
            shape[i + 1] = inputs[i];
            fanIn *= inputs[i];
        }
        GradientRule rule = inputs.length == 1 ? GradientRule.LINEAR : GradientRule.CONVOLUTION;
        parameters.add(new ParameterSpec(
                Block.of(name + ".weight", shape), Start.NORMAL, Math.sqrt(gain / fanIn), Pace.BODY, rule));
        parameters.add(ParameterSpec.constant(name + ".bias", 0, outputs).by(rule));
    }

    /** What {@link Layers#halve} makes of a side. */
    private static int halved(int side) {
        return (side + 1) / 2;
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
        PtNDArray x = ImagePixels.tensor(scope, image, batch, change);
        x = JniUtils.relu(Layers.halve(scope, FIRST, x, kernel));
        x = JniUtils.relu(Layers.halve(scope, SECOND, x, kernel));
        x = JniUtils.reshape(x, new long[] {batch.size(), -1});
        x = JniUtils.relu(scope.linear(HIDDEN, x));
        return scope.linear(OUTPUT, ImageModel.present(scope, x, batch));
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
