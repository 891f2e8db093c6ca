package dev.parley.learning.multimodal;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Affine maps, normalisation and the transformer block, each with its parameters. */
final class Layers {
    private Layers() {}

    static List<ParameterSpec> linear(String name, int outputs, int inputs) {
        return ParameterSpec.layer(name, GradientRule.LINEAR, 1, outputs, inputs);
    }

    /** An affine map that starts at 0. */
    static List<ParameterSpec> head(String name, long outputs, long inputs) {
        return List.of(
                ParameterSpec.constant(name + ".weight", 0, outputs, inputs).by(GradientRule.LINEAR),
                ParameterSpec.constant(name + ".bias", 0, outputs).by(GradientRule.LINEAR));
    }

    /** @param kernel one size for each axis */
    static List<ParameterSpec> convolution(String name, long outputs, long inputs, long... kernel) {
        long[] shape = new long[kernel.length + 2];
        shape[0] = outputs;
        shape[1] = inputs;
        System.arraycopy(kernel, 0, shape, 2, kernel.length);
        return ParameterSpec.layer(name, GradientRule.CONVOLUTION, 1, shape);
    }

    static List<ParameterSpec> norm(String name, int width) {
        return List.of(
                ParameterSpec.constant(name + ".gain", 1, width).by(GradientRule.NORM),
                ParameterSpec.constant(name + ".bias", 0, width).by(GradientRule.NORM));
    }

    /** A convolution of stride 2 whose kernel of odd side is padded so that the size halves (rounded up). */
    static PtNDArray halve(StepScope scope, String name, PtNDArray x, int kernel) {
        return scope.convolution(name, x, 2, kernel / 2);
    }

    static PtNDArray concatenate(int axis, PtNDArray... parts) {
        return parts.length == 1 ? parts[0] : JniUtils.cat(parts, axis);
    }

    /** Scores of all classes from a head's columns; of two classes the first scores 0. */
    static PtNDArray perClass(StepScope scope, PtNDArray columns) {
        return columns.getShape().get(1) > 1
                ? columns
                : concatenate(1, scope.constant(0f, columns.getShape().get(0), 1), columns);
    }

    /** Pre-LayerNorm block: self-attention, then a feed-forward part, each added to its input. */
    record TransformerBlock(String name, int width, int heads, int feedForward, double dropout) {
        List<ParameterSpec> parameters() {
            return java.util.stream.Stream.of(
                            norm(name + ".attention_norm", width),
                            linear(name + ".attention_input", 3 * width, width),
                            linear(name + ".attention_output", width, width),
                            norm(name + ".feed_forward_norm", width),
                            linear(name + ".feed_forward_input", feedForward, width),
                            linear(name + ".feed_forward_output", width, feedForward))
                    .flatMap(List::stream)
                    .toList();
        }

        /**
         * @param x tokens, {@code [batch, tokens, width]}
         * @param mask added to attention scores, {@code [batch, 1, 1, tokens]}: 0 or very negative; null if every token
         *     may be read. No row may be masked as a whole.
         */
        PtNDArray apply(StepScope scope, PtNDArray x, @Nullable PtNDArray mask, @Nullable SplittableRandom random) {
            PtNDArray attended = attention(scope, scope.norm(name + ".attention_norm", x), mask);
            PtNDArray y = JniUtils.add(x, scope.dropout(attended, dropout, random));
            PtNDArray hidden = JniUtils.gelu(
                    scope.linear(name + ".feed_forward_input", scope.norm(name + ".feed_forward_norm", y)));
            PtNDArray changed = scope.linear(name + ".feed_forward_output", hidden);
            return JniUtils.add(y, scope.dropout(changed, dropout, random));
        }

        private PtNDArray attention(StepScope scope, PtNDArray x, @Nullable PtNDArray mask) {
            long batch = x.getShape().get(0);
            long tokens = x.getShape().get(1);
            long headWidth = width / heads;
            PtNDArray projected = scope.linear(name + ".attention_input", x);
            PtNDArray split = JniUtils.permute(
                    JniUtils.reshape(projected, new long[] {batch, tokens, 3, heads, headWidth}),
                    new long[] {2, 0, 3, 1, 4});
            long[] folded = {batch * heads, tokens, headWidth};
            PtNDArray query = JniUtils.reshape(JniUtils.slice(split, 0, 0, 1, 1), folded);
            PtNDArray key = JniUtils.reshape(JniUtils.slice(split, 0, 1, 2, 1), folded);
            PtNDArray value = JniUtils.reshape(JniUtils.slice(split, 0, 2, 3, 1), folded);
            PtNDArray scaled = JniUtils.mul(query, scope.constant((float) (1 / Math.sqrt(headWidth)), 1));
            PtNDArray scores = JniUtils.bmm(scaled, JniUtils.transpose(key, 1, 2));
            if (mask != null) {
                PtNDArray open = JniUtils.reshape(scores, new long[] {batch, heads, tokens, tokens});
                scores = JniUtils.reshape(JniUtils.add(open, mask), new long[] {batch * heads, tokens, tokens});
            }
            PtNDArray mixed = JniUtils.bmm(JniUtils.softmax(scores, 2, DataType.FLOAT32), value);
            PtNDArray joined = JniUtils.reshape(
                    JniUtils.transpose(JniUtils.reshape(mixed, new long[] {batch, heads, tokens, headWidth}), 1, 2),
                    new long[] {batch, tokens, width});
            return scope.linear(name + ".attention_output", joined);
        }
    }
}
