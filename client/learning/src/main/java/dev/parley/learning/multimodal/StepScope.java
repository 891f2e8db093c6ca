package dev.parley.learning.multimodal;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One forward (and backward) pass: every tensor made through it dies when it is closed. The graph is the engine's own, per
 * thread, so many threads may each have one open.
 *
 * <p>A model reaches its blocks only through the layers here ({@link #linear}, {@link #convolution}, ...), each under a
 * {@link GradientRule}, so that {@link PerExampleScope} can tell the gradient of every example without a second
 * version of any model.
 */
public sealed class StepScope implements AutoCloseable permits PerExampleScope {
    static final double NORM_EPSILON = 1e-5;
    private static final int LANES = Long.BYTES;
    private static final int LANE_VALUES = 1 << Byte.SIZE;

    private final TensorArena arena;
    private final boolean training;
    private final PtNDManager manager;
    private final Map<String, PtNDArray> leaves = new LinkedHashMap<>();

    StepScope(TensorArena arena, boolean training) {
        this.arena = arena;
        this.training = training;
        this.manager = (PtNDManager) arena.manager().newSubManager();
        JniUtils.setGradMode(training);
    }

    /** An affine map of the last axis by the blocks {@code name.weight} and {@code name.bias}: {@code [.., in] -> [.., out]}. */
    public PtNDArray linear(String name, PtNDArray x) {
        return JniUtils.linear(x, parameter(name + ".weight"), parameter(name + ".bias"));
    }

    /** Mean 0 and variance 1 over the last axis, then {@code name.gain} and {@code name.bias}. */
    public PtNDArray norm(String name, PtNDArray x) {
        PtNDArray gain = parameter(name + ".gain");
        return JniUtils.layerNorm(x, gain.getShape(), gain, parameter(name + ".bias"), NORM_EPSILON);
    }

    /**
     * A convolution over the last one or two axes by the blocks {@code name.weight} and {@code name.bias}.
     *
     * @param x {@code [batch, channels, size]} or {@code [batch, channels, height, width]}
     * @param stride the same along every axis
     * @param padding zeros at both ends of every axis
     */
    public PtNDArray convolution(String name, PtNDArray x, long stride, long padding) {
        return convolved(x, parameter(name + ".weight"), parameter(name + ".bias"), stride, padding);
    }

    /**
     * Rows of a table.
     *
     * @param ids row-major {@code rows x most}
     * @return {@code [rows, most, width of the table]}
     */
    public PtNDArray embedding(String name, long[] ids, int rows, int most) {
        return JniUtils.embedding(indices(ids, rows, most), parameter(name), false);
    }

    /**
     * Sums of weighted rows of a table: a linear map of a long vector that is nearly all zeros.
     *
     * @param ids row-major {@code rows x most}
     * @param values the weight of each id; 0 for padding
     * @return {@code [rows, width of the table]}
     */
    public PtNDArray weightedRows(String name, long[] ids, float[] values, int rows, int most) {
        PtNDArray weighted = JniUtils.mul(embedding(name, ids, rows, most), floats(values, rows, most, 1));
        return JniUtils.sum(weighted, new long[] {1}, false);
    }

    /**
     * A learned value that every example reads alike, such as a token or a position; to be added or multiplied.
     *
     * @return something that broadcasts as {@code [rows, 1, width]} for a block {@code [width]}, and as
     *     {@code [rows, tokens, width]} for a block {@code [tokens, width]}
     */
    public PtNDArray shared(String name, int rows) {
        return parameter(name);
    }

    /** The first {@code count} rows of a block {@code [tokens, width]}; otherwise as {@link #shared}. */
    public PtNDArray sharedFirst(String name, int count, int rows) {
        return JniUtils.slice(parameter(name), 0, 0, count, 1);
    }

    /** A block of the model; the gradient of the loss with respect to it is kept in training. */
    PtNDArray parameter(String name) {
        PtNDArray known = leaves.get(name);
        if (known != null) {
            return known;
        }
        PtNDArray leaf = block(name);
        if (training) {
            JniUtils.attachGradient(leaf, true);
        }
        leaves.put(name, leaf);
        return leaf;
    }

    /** A block of the model as a constant. */
    final PtNDArray block(String name) {
        TensorArena.Parameter parameter = arena.parameterNamed(name);
        long[] shape =
                parameter.block().shape().stream().mapToLong(Long::longValue).toArray();
        return wrap(parameter.memory(), DataType.FLOAT32, shape);
    }

    final TensorArena arena() {
        return arena;
    }

    final PtNDManager manager() {
        return manager;
    }

    static PtNDArray convolved(PtNDArray x, PtNDArray weight, PtNDArray bias, long stride, long padding) {
        int axes = x.getShape().dimension() - 2;
        return JniUtils.convolution(x, weight, bias, same(stride, axes), same(padding, axes), same(1, axes), 1);
    }

    private static Shape same(long value, int axes) {
        return axes == 1 ? new Shape(value) : new Shape(value, value);
    }

    /** A constant tensor of the first values of an array. */
    public PtNDArray floats(float[] values, long... shape) {
        int count = count(shape);
        MemorySegment memory = arena.take((long) count * Float.BYTES);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, count);
        return wrap(memory.asSlice(0, (long) count * Float.BYTES), DataType.FLOAT32, shape);
    }

    /** Memory of this step that is written again and again. */
    final MemorySegment memory(int values) {
        return arena.take((long) values * Float.BYTES);
    }

    /** A tensor over the beginning of such memory; to be closed before the next writing. */
    final PtNDArray over(MemorySegment memory, long... shape) {
        return wrap(memory.asSlice(0, (long) count(shape) * Float.BYTES), DataType.FLOAT32, shape);
    }

    /** A constant tensor of indices. */
    public PtNDArray indices(long[] values, long... shape) {
        int count = count(shape);
        MemorySegment memory = arena.take((long) count * Long.BYTES);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_LONG, 0, count);
        return wrap(memory.asSlice(0, (long) count * Long.BYTES), DataType.INT64, shape);
    }

    public PtNDArray constant(float value, long... shape) {
        float[] values = new float[count(shape)];
        Arrays.fill(values, value);
        return floats(values, shape);
    }

    /**
     * Drops each value with a probability and scales the others up to keep the mean; the tensor itself without a
     * source of randomness. The mask is drawn here and not by the engine, whose generator is shared by all threads; eight
     * decisions come from one 64-bit draw, so the probability is rounded to a multiple of 1/256.
     */
    public PtNDArray dropout(PtNDArray tensor, double probability, @Nullable SplittableRandom random) {
        int threshold = (int) Math.round(probability * LANE_VALUES);
        if (random == null || threshold == 0) {
            return tensor;
        }
        long[] shape = tensor.getShape().getShape();
        int count = count(shape);
        float keep = (float) LANE_VALUES / (LANE_VALUES - threshold);
        float[] mask = new float[(count + LANES - 1) / LANES * LANES];
        for (int i = 0; i < mask.length; i += LANES) {
            long bits = random.nextLong();
            for (int lane = 0; lane < LANES; lane++) {
                mask[i + lane] = ((int) (bits >>> (lane * Byte.SIZE)) & (LANE_VALUES - 1)) < threshold ? 0f : keep;
            }
        }
        return JniUtils.mul(tensor, floats(mask, shape));
    }

    /** Computes the gradient of a scalar with respect to all parameters used. Once per scope. */
    public void backward(PtNDArray loss) {
        backward(loss, 1f);
    }

    /** The same of {@code factor} times the scalar. */
    final void backward(PtNDArray loss, float factor) {
        JniUtils.backward(loss, floats(new float[] {factor}, loss.getShape().getShape()), false, false);
    }

    /** Writes the gradient in layout order; 0 for parameters that the loss did not use. */
    public void copyGradient(float[] gradient) {
        Arrays.fill(gradient, 0f);
        leaves.forEach((name, leaf) -> {
            PtNDArray block = JniUtils.getGradient(leaf);
            if (block != null) {
                TensorArena.Parameter parameter = arena.parameterNamed(name);
                JniUtils.getByteBuffer(block, true)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer()
                        .get(gradient, parameter.offset(), parameter.block().size());
            }
        });
    }

    /** Copies a tensor's values, row-major. */
    public static float[] values(PtNDArray tensor) {
        return tensor.toFloatArray();
    }

    @Override
    public void close() {
        manager.close();
        arena.releaseStep();
        JniUtils.setGradMode(false);
    }

    private PtNDArray wrap(MemorySegment memory, DataType type, long... shape) {
        return JniUtils.createNdFromByteBuffer(
                manager,
                memory.asByteBuffer().order(ByteOrder.nativeOrder()),
                new Shape(shape),
                type,
                SparseFormat.DENSE,
                Device.cpu());
    }

    static int count(long... shape) {
        long count = 1;
        for (long dimension : shape) {
            count = Math.multiplyExact(count, dimension);
        }
        return Math.toIntExact(count);
    }
}
