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
 */
public final class StepScope implements AutoCloseable {
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

    /** A block of the model; the gradient of the loss with respect to it is kept in training. */
    public PtNDArray parameter(String name) {
        PtNDArray known = leaves.get(name);
        if (known != null) {
            return known;
        }
        TensorArena.Parameter parameter = arena.parameterNamed(name);
        long[] shape =
                parameter.block().shape().stream().mapToLong(Long::longValue).toArray();
        PtNDArray leaf = wrap(parameter.memory(), DataType.FLOAT32, shape);
        if (training) {
            JniUtils.attachGradient(leaf, true);
        }
        leaves.put(name, leaf);
        return leaf;
    }

    /** A constant tensor of the first values of an array. */
    public PtNDArray floats(float[] values, long... shape) {
        int count = count(shape);
        MemorySegment memory = arena.take((long) count * Float.BYTES);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, count);
        return wrap(memory.asSlice(0, (long) count * Float.BYTES), DataType.FLOAT32, shape);
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
        JniUtils.backward(loss, floats(new float[] {1f}, loss.getShape().getShape()), false, false);
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

    private static int count(long... shape) {
        long count = 1;
        for (long dimension : shape) {
            count = Math.multiplyExact(count, dimension);
        }
        return Math.toIntExact(count);
    }
}
