package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Set;

/**
 * One layer's share of every example's gradient, between the backward pass and the clipped sum: first the squared norms,
 * then, when the norms of all layers are known, the weighted sum.
 */
sealed interface PerExampleLayer
        permits LinearGradients, ConvolutionGradients, NormGradients, SparseGradients, SharedGradients {

    /** Names the tensors that must outlive the backward pass; the rest of it is released before norms are taken. */
    void retain(Set<PtNDArray> inputs, Set<PtNDArray> probes);

    /** Squared norm of the sum of each unit's rows. Called once, before {@link #addWeighted}. */
    double[] squaredNorms();

    /**
     * Makes rows count as 0 whatever they hold; for gradients that are not finite, which no factor can remove.
     *
     * @param keep 1 for rows that stay, 0 for others
     */
    void drop(float[] keep);

    /**
     * Adds the sum of the rows' gradients, each times its factor.
     *
     * @param factors one for each row
     * @param gradient in layout order
     */
    void addWeighted(float[] factors, float[] gradient);

    /** The tensor's values, in row-major order, if possible without a copy; valid until the step ends or the tensor is closed. */
    static FloatBuffer read(PtNDArray tensor) {
        // Flattened first: the values of a tensor whose axes are not in order are elsewhere in memory.
        return JniUtils.getByteBuffer(JniUtils.reshape(tensor, new long[] {-1}), true)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** Adds a tensor's values to a range of an array. */
    static void addTo(float[] gradient, int offset, PtNDArray tensor) {
        FloatBuffer values = read(tensor);
        float[] copy = new float[values.remaining()];
        values.get(copy);
        for (int i = 0; i < copy.length; i++) {
            gradient[offset + i] += copy[i];
        }
    }
}
