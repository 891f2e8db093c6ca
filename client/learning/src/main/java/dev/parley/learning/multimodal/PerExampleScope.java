package dev.parley.learning.multimodal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A training step that tells the gradient of every example, from one forward and one backward pass over the whole batch:
 * book-keeping ghost clipping (Bu, Wang, Zha, Karypis, "Differentially private optimization on large model at small
 * cost", 2022; Lee and Kifer 2020; Goodfellow 2015).
 *
 * <p>Weights are constants here, so the engine computes no gradient of them. What is asked for instead is the derivative
 * of the loss by each layer's output, one row for each example, which plain training computes and throws away. It is
 * received by a <i>probe</i>: a leaf that takes part in the layer's sum. Where a layer's input depends on nothing
 * learned, its output is such a leaf itself; an affine map takes the probe in place of its bias, as one value repeated
 * for every token and so without memory; others have zero added in place. Input and derivative give both the norm of an
 * example's gradient and, once the norms of all layers have become factors, the weighted sum.
 *
 * <p><b>Guarantees</b>: every block that a layer reads is counted under its declared rule, or the step throws. Each row's
 * gradient depends on that row only, as long as the model and its loss treat rows alone (the law of {@link
 * Network.Prepared#loss}).
 */
public final class PerExampleScope extends StepScope {
    private final Network network;
    private final ExampleUnits units;
    private final Map<String, PtNDArray> constants = new HashMap<>();
    private final Map<String, PerExampleLayer> layers = new LinkedHashMap<>();
    private final Set<PtNDArray> inputs = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Tensors that depend on nothing learned. The engine cannot be asked: its answer is of leaves only. */
    private final Set<PtNDArray> data = Collections.newSetFromMap(new IdentityHashMap<>());

    private boolean differentiated;

    PerExampleScope(TensorArena arena, Network network, ExampleUnits units) {
        super(arena, true);
        if (units.rows() == 0) {
            throw new IllegalArgumentException(
                    "a step has at least one row; an empty batch has no gradient to compute");
        }
        this.network = network;
        this.units = units;
    }

    /**
     * Takes the one backward pass. Everything of the pass that the gradients do not need is released.
     *
     * @param loss the mean loss of the batch
     */
    public PerExampleGradients gradients(PtNDArray loss) {
        if (differentiated) {
            throw new IllegalStateException("a scope is differentiated once; open another for another pass");
        }
        differentiated = true;
        backward(loss, units.rows());
        JniUtils.setGradMode(false);
        Set<PtNDArray> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        layers.values().forEach(layer -> layer.retain(inputs, kept));
        kept.addAll(inputs);
        for (NDArray array : manager().getManagedArrays()) {
            if (!(array instanceof PtNDArray tensor) || !kept.contains(tensor)) {
                array.close();
            }
        }
        constants.clear();
        data.clear();
        return new PerExampleGradients(this, layers);
    }

    @Override
    public PtNDArray floats(float[] values, long... shape) {
        PtNDArray tensor = super.floats(values, shape);
        data.add(tensor);
        return tensor;
    }

    @Override
    public PtNDArray linear(String name, PtNDArray x) {
        String weightName = name + ".weight";
        PtNDArray weight = constant(weightName, GradientRule.LINEAR);
        PtNDArray bias = constant(name + ".bias", GradientRule.LINEAR);
        checkRows(name, x);
        long in = weight.getShape().get(1);
        long out = weight.getShape().get(0);
        LinearGradients layer =
                layer(name, LinearGradients.class, layerName -> new LinearGradients(this, layerName, in, out));
        if (data.contains(x)) {
            PtNDArray y = JniUtils.linear(x, weight, bias);
            layer.add(x, asLeaf(y));
            return y;
        }
        PtNDArray tokens = JniUtils.reshape(x, new long[] {-1, in});
        PtNDArray probe =
                asLeaf(JniUtils.broadcast(bias, new Shape(tokens.getShape().get(0), out)));
        layer.add(x, probe);
        long[] shape = x.getShape().getShape().clone();
        shape[shape.length - 1] = out;
        return JniUtils.reshape(JniUtils.linear(tokens, weight, probe), shape);
    }

    @Override
    public PtNDArray norm(String name, PtNDArray x) {
        PtNDArray gain = constant(name + ".gain", GradientRule.NORM);
        PtNDArray bias = constant(name + ".bias", GradientRule.NORM);
        checkRows(name, x);
        PtNDArray y = JniUtils.layerNorm(x, gain.getShape(), gain, bias, NORM_EPSILON);
        long width = gain.getShape().get(0);
        layer(name, NormGradients.class, layerName -> new NormGradients(this, layerName, width))
                .add(x, probed(x, y));
        return y;
    }

    @Override
    public PtNDArray convolution(String name, PtNDArray x, long stride, long padding) {
        PtNDArray weight = constant(name + ".weight", GradientRule.CONVOLUTION);
        PtNDArray bias = constant(name + ".bias", GradientRule.CONVOLUTION);
        checkRows(name, x);
        PtNDArray y = convolved(x, weight, bias, stride, padding);
        long[] shape = weight.getShape().getShape();
        layer(name, ConvolutionGradients.class, layerName -> new ConvolutionGradients(this, layerName, shape))
                .add(x, probed(x, y), stride, padding);
        return y;
    }

    @Override
    public PtNDArray embedding(String name, long[] ids, int rows, int most) {
        PtNDArray table = constant(name, GradientRule.SPARSE);
        PtNDArray y = JniUtils.embedding(indices(ids, rows, most), table, false);
        checkRows(name, y);
        sparse(name, table).add(ids, null, most, asLeaf(y));
        return y;
    }

    @Override
    public PtNDArray weightedRows(String name, long[] ids, float[] values, int rows, int most) {
        PtNDArray table = constant(name, GradientRule.SPARSE);
        PtNDArray named = JniUtils.embedding(indices(ids, rows, most), table, false);
        PtNDArray y = JniUtils.sum(JniUtils.mul(named, floats(values, rows, most, 1)), new long[] {1}, false);
        checkRows(name, y);
        sparse(name, table).add(ids, values, most, asLeaf(y));
        return y;
    }

    private SparseGradients sparse(String name, PtNDArray table) {
        int width = (int) table.getShape().get(1);
        return layer(name, SparseGradients.class, layerName -> new SparseGradients(this, layerName, width));
    }

    @Override
    public PtNDArray shared(String name, int rows) {
        return copies(name, constant(name, GradientRule.SHARED), rows);
    }

    @Override
    public PtNDArray sharedFirst(String name, int count, int rows) {
        return copies(name, JniUtils.slice(constant(name, GradientRule.SHARED), 0, 0, count, 1), rows);
    }

    /** The value once for each row, {@code [rows, tokens, width]}, without memory. */
    private PtNDArray copies(String name, PtNDArray value, int rows) {
        long[] shape = value.getShape().getShape();
        Shape copies = shape.length == 1 ? new Shape(rows, 1, shape[0]) : new Shape(rows, shape[0], shape[1]);
        PtNDArray probe = asLeaf(JniUtils.broadcast(value, copies));
        checkRows(name, probe);
        layer(name, SharedGradients.class, layerName -> new SharedGradients(this, layerName))
                .add(probe);
        return probe;
    }

    /** Nothing may be read but through a layer, or it would be trained without being counted. */
    @Override
    PtNDArray parameter(String name) {
        throw new IllegalStateException("block '" + name
                + "' is read outside of a layer with a per-example rule; read it through linear, norm, convolution,"
                + " embedding, weightedRows or shared");
    }

    private PtNDArray constant(String name, GradientRule used) {
        GradientRule declared = network.rule(arena().parameterNamed(name).block());
        if (declared != used) {
            throw new IllegalStateException("block '" + name + "' is declared with the rule " + declared
                    + " but read by a layer of the rule " + used + "; declare what reads it");
        }
        return constants.computeIfAbsent(name, this::block);
    }

    private <L extends PerExampleLayer> L layer(String name, Class<L> type, Function<String, L> create) {
        return type.cast(layers.computeIfAbsent(name, create));
    }

    private void checkRows(String layer, PtNDArray x) {
        if (x.getShape().get(0) != units.rows()) {
            throw new IllegalStateException("layer '" + layer + "' reads " + x.getShape() + " but the step has "
                    + units.rows() + " examples; the first axis must stay that of the examples");
        }
    }

    /** A leaf that receives the derivative by {@code y}, which a layer has just made of {@code x}. */
    private PtNDArray probed(PtNDArray x, PtNDArray y) {
        if (data.contains(x)) {
            return asLeaf(y);
        }
        PtNDArray zero = constants.computeIfAbsent("", unused -> constant(0f, 1));
        PtNDArray probe = asLeaf(JniUtils.broadcast(zero, y.getShape()));
        JniUtils.addi(y, probe);
        return probe;
    }

    private static PtNDArray asLeaf(PtNDArray tensor) {
        JniUtils.attachGradient(tensor, true);
        return tensor;
    }

    ExampleUnits units() {
        return units;
    }

    int offset(String block) {
        return arena().parameterNamed(block).offset();
    }

    /** The derivative that a probe received, contiguous; the probe is released. Zeros if the loss does not depend on it. */
    PtNDArray takeGradient(PtNDArray probe) {
        PtNDArray gradient = JniUtils.getGradient(probe);
        if (gradient == null) {
            gradient = constant(0f, probe.getShape().getShape());
        }
        if (!inputs.contains(probe)) {
            probe.close();
        }
        return gradient;
    }

    /** Sums of the rows of each unit: {@code [rows, values] -> [units, values]}. */
    PtNDArray perUnit(PtNDArray rows) {
        if (units.single()) {
            return rows;
        }
        float[] member = new float[units.count() * units.rows()];
        for (int row = 0; row < units.rows(); row++) {
            member[units.unitOf(row) * units.rows() + row] = 1;
        }
        return JniUtils.matmul(floats(member, units.count(), units.rows()), rows);
    }

    /** A copy in which the rows with {@code keep} 0 are 0, whatever they held. */
    PtNDArray masked(PtNDArray tensor, float[] keep) {
        long[] shape = new long[tensor.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[0] = keep.length;
        PtNDArray kept = JniUtils.gt(floats(keep, shape), constant(0f, 1));
        return JniUtils.where(kept, tensor, constant(0f, 1));
    }
}
