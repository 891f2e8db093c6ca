package dev.parley.learning.multimodal;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Affine maps, normalisation and the transformer block, each with its parameters. */
final class Layers {
    private static final double EPSILON = 1e-5;

    private Layers() {}

    static List<ParameterSpec> linear(String name, int outputs, int inputs) {
        return List.of(
                ParameterSpec.weight(name + ".weight", outputs, inputs),
                ParameterSpec.constant(name + ".bias", 0, outputs));
    }

    /** {@code [.., inputs] -> [.., outputs]} */
    static PtNDArray linear(StepScope scope, String name, PtNDArray x) {
        return JniUtils.linear(x, scope.parameter(name + ".weight"), scope.parameter(name + ".bias"));
    }

    static List<ParameterSpec> norm(String name, int width) {
        return List.of(
                ParameterSpec.constant(name + ".gain", 1, width), ParameterSpec.constant(name + ".bias", 0, width));
    }

    static PtNDArray norm(StepScope scope, String name, PtNDArray x) {
        PtNDArray gain = scope.parameter(name + ".gain");
        return JniUtils.layerNorm(x, gain.getShape(), gain, scope.parameter(name + ".bias"), EPSILON);
    }

    /** A convolution over the last one or two axes, kernel odd, stride 2, padded so that the size halves (rounded up). */
    static PtNDArray halve(StepScope scope, String name, PtNDArray x) {
        PtNDArray weight = scope.parameter(name + ".weight");
        int axes = x.getShape().dimension() - 2;
        long padding = weight.getShape().get(2) / 2;
        return JniUtils.convolution(
                x, weight, scope.parameter(name + ".bias"), same(2, axes), same(padding, axes), same(1, axes), 1);
    }

    static PtNDArray concatenate(int axis, PtNDArray... parts) {
        return parts.length == 1 ? parts[0] : JniUtils.cat(parts, axis);
    }

    private static Shape same(long value, int axes) {
        return axes == 1 ? new Shape(value) : new Shape(value, value);
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
            PtNDArray attended = attention(scope, norm(scope, name + ".attention_norm", x), mask);
            PtNDArray y = JniUtils.add(x, scope.dropout(attended, dropout, random));
            PtNDArray hidden = JniUtils.gelu(
                    linear(scope, name + ".feed_forward_input", norm(scope, name + ".feed_forward_norm", y)));
            PtNDArray changed = linear(scope, name + ".feed_forward_output", hidden);
            return JniUtils.add(y, scope.dropout(changed, dropout, random));
        }

        private PtNDArray attention(StepScope scope, PtNDArray x, @Nullable PtNDArray mask) {
            long batch = x.getShape().get(0);
            long tokens = x.getShape().get(1);
            long headWidth = width / heads;
            PtNDArray projected = linear(scope, name + ".attention_input", x);
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
            return linear(scope, name + ".attention_output", joined);
        }
    }
}
