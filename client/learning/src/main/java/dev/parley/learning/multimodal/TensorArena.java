package dev.parley.learning.multimodal;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The native memory of one training or prediction call: the parameters as the engine sees them, and room for the inputs
 * of one step at a time. Tensors are made over this memory without copying, so writing new parameter values costs one
 * copy and no engine call. Owned by one thread.
 *
 * <p>Everything is aligned to 64 bytes: the engine's matrix kernels may round differently at other alignments, and equal
 * inputs must give equal bits.
 */
public final class TensorArena implements AutoCloseable {
    static final long ALIGNMENT = 64;
    private static final long CHUNK_BYTES = 8L << 20;

    private final ParameterLayout layout;
    private final Arena arena = Arena.ofConfined();
    private final Map<String, Parameter> parameters = new HashMap<>();
    private final List<MemorySegment> chunks = new ArrayList<>();
    private final PtNDManager manager;
    private int chunk;
    private long used;

    record Parameter(Block block, int offset, MemorySegment memory) {}

    private TensorArena(ParameterLayout layout, PtNDManager manager) {
        this.layout = layout;
        this.manager = manager;
        for (Block block : layout.blocks()) {
            MemorySegment memory = arena.allocate((long) block.size() * Float.BYTES, ALIGNMENT);
            parameters.put(block.name(), new Parameter(block, layout.offset(block.name()), memory));
        }
    }

    /** Room for models of this layout; all parameters start at zero. */
    public static TensorArena open(ParameterLayout layout) {
        return new TensorArena(layout, (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch"));
    }

    /** Sets all parameters, in layout order. */
    public void load(float[] values) {
        if (values.length != layout.size()) {
            throw new IllegalArgumentException(
                    "the layout has " + layout.size() + " values, the array has " + values.length);
        }
        for (Parameter parameter : parameters.values()) {
            MemorySegment.copy(
                    values,
                    parameter.offset(),
                    parameter.memory(),
                    ValueLayout.JAVA_FLOAT,
                    0,
                    parameter.block().size());
        }
    }

    /** A step that can be differentiated. Close it before the next one is opened. */
    public StepScope trainingStep() {
        return new StepScope(this, true);
    }

    /**
     * A step that tells the gradient of each unit of a batch. Close it before the next one is opened.
     *
     * @param network whose layout this arena has, and whose rules say how
     * @param units which rows of the batch belong together
     */
    public PerExampleScope perExampleStep(Network network, ExampleUnits units) {
        return new PerExampleScope(this, network, units);
    }

    /** A step without a graph. Close it before the next one is opened. */
    public StepScope predictionStep() {
        return new StepScope(this, false);
    }

    /** Tensors that outlived their step; 0 unless something leaks. */
    public int liveTensors() {
        return manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        manager.close();
        arena.close();
    }

    PtNDManager manager() {
        return manager;
    }

    Parameter parameterNamed(String name) {
        Parameter parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("no block named " + name + " in " + layout);
        }
        return parameter;
    }

    /** Memory that stays valid until {@link #releaseStep}. */
    MemorySegment take(long bytes) {
        long size = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        while (chunk < chunks.size() && used + size > chunks.get(chunk).byteSize()) {
            chunk++;
            used = 0;
        }
        if (chunk == chunks.size()) {
            chunks.add(arena.allocate(Math.max(CHUNK_BYTES, size), ALIGNMENT));
            used = 0;
        }
        MemorySegment slice = chunks.get(chunk).asSlice(used, size);
        used += size;
        return slice;
    }

    void releaseStep() {
        chunk = 0;
        used = 0;
    }
}
