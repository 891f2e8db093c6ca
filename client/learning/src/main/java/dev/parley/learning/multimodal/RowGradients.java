package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of a few values for each row, held as they are: a bias, a gain, a shared token, a kernel.
 *
 * <p>Guarantees one row for each example; grouping rows into units is a product with a matrix of zeros and ones.
 */
final class RowGradients {
    private final PerExampleScope scope;
    private final int offset;
    private @Nullable PtNDArray rows;

    /** @param offset where the values lie in the layout */
    RowGradients(PerExampleScope scope, int offset) {
        this.scope = scope;
        this.offset = offset;
    }

    /** Adds one more use of the same values. */
    void add(PtNDArray values) {
        PtNDArray flat = JniUtils.reshape(values, new long[] {scope.units().rows(), -1});
        PtNDArray known = rows;
        if (known == null) {
            rows = flat;
        } else {
            rows = JniUtils.add(known, flat);
        }
    }

    void addSquaredNorms(double[] squares) {
        PtNDArray held = held();
        float[] norms = JniUtils.norm(scope.perUnit(held), 2, new int[] {1}, false)
                .toFloatArray();
        for (int unit = 0; unit < squares.length; unit++) {
            squares[unit] += (double) norms[unit] * norms[unit];
        }
    }

    void drop(float[] keep) {
        rows = scope.masked(held(), keep);
    }

    void addWeighted(PtNDArray factors, float[] gradient) {
        PtNDArray sum = JniUtils.matmul(factors, held());
        PerExampleLayer.addTo(gradient, offset, sum);
        sum.close();
    }

    private PtNDArray held() {
        if (rows == null) {
            throw new IllegalStateException("no use of this block was recorded");
        }
        return rows;
    }
}
