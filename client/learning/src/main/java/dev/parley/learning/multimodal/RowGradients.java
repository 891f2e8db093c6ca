package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gradients of a block for each row, held as they are: a bias, a gain, a shared token, a kernel. In parts of consecutive
 * rows where they were made so; to join them would be one more pass over memory.
 */
final class RowGradients {
    private final PerExampleScope scope;
    private final int offset;
    private List<PtNDArray> parts = List.of();

    /** @param offset where the block begins in the layout */
    RowGradients(PerExampleScope scope, int offset) {
        this.scope = scope;
        this.offset = offset;
    }

    /** Adds one more use of the block, {@code [rows, ..]}. */
    void add(PtNDArray values) {
        add(List.of(values));
    }

    /** The same in parts, which together have a row for each example. */
    void add(List<PtNDArray> values) {
        List<PtNDArray> flat = new ArrayList<>();
        for (PtNDArray part : values) {
            flat.add(JniUtils.reshape(part, new long[] {part.getShape().get(0), -1}));
        }
        parts = parts.isEmpty() ? flat : List.of(JniUtils.add(joined(parts), joined(flat)));
    }

    void addSquaredNorms(double[] squares) {
        List<PtNDArray> units = scope.units().single() ? parts : List.of(scope.perUnit(joined(parts)));
        int unit = 0;
        for (PtNDArray part : units) {
            for (float norm : JniUtils.norm(part, 2, new int[] {1}, false).toFloatArray()) {
                squares[unit++] += (double) norm * norm;
            }
        }
    }

    void drop(float[] keep) {
        parts = List.of(scope.masked(joined(parts), keep));
    }

    /** @param factors one for each row */
    void addWeighted(float[] factors, float[] gradient) {
        int row = 0;
        for (PtNDArray part : parts) {
            int count = (int) part.getShape().get(0);
            PtNDArray own = scope.floats(Arrays.copyOfRange(factors, row, row + count), 1, count);
            PtNDArray sum = JniUtils.matmul(own, part);
            PerExampleLayer.addTo(gradient, offset, sum);
            sum.close();
            row += count;
        }
    }

    private static PtNDArray joined(List<PtNDArray> parts) {
        return Layers.concatenate(0, parts.toArray(new PtNDArray[0]));
    }
}
