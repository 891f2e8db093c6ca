package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A convolution over one or two axes. Each place of the output is a token of an affine map whose input is the patch
 * under the kernel, so a row's gradient is one product of derivatives and patches; kernels are small, so it is kept for the
 * sum.
 *
 * <p>The engine offers no unfolding, and slices of it cost more than the convolution itself, so patches are copied by
 * plain loops. With stride {@code s} an image is first dealt into its {@code s x s} phases, padding included, each as wide
 * as the others. What one tap of the kernel sees at all places is then one run of one phase: from the tap's place, line
 * after line, with a few values between the lines that no place asks for. The derivatives get zeros there, so one long
 * copy takes the place of many short ones. A few rows are unfolded at a time, because the patches of all rows would be larger
 * than everything else in the pass.
 */
final class ConvolutionGradients implements PerExampleLayer {
    /** Patch values unfolded at once: 1 MB, what a core's cache holds beside the rest. */
    private static final int PATCH_VALUES = 1 << 18;

    private final PerExampleScope scope;
    private final RowGradients bias;
    private final RowGradients weight;
    private final List<Use> uses = new ArrayList<>();
    private final int out;
    private final int channels;
    private final int kernelHeight;
    private final int kernelWidth;

    private record Use(PtNDArray input, PtNDArray probe, int stride, int padding) {}

    /**
     * Sizes of a use; one axis is a height of 1.
     *
     * @param phaseHeight lines of a phase, and {@code phaseWidth} values of a line
     */
    private record Geometry(
            int height,
            int width,
            int outHeight,
            int outWidth,
            int stride,
            int verticalStride,
            int padding,
            int verticalPadding,
            int phaseHeight,
            int phaseWidth) {
        /** Values of the run that a tap sees, without those after its last place. */
        int run() {
            return (outHeight - 1) * phaseWidth + outWidth;
        }

        /** The same with them: whole lines. */
        int places() {
            return outHeight * phaseWidth;
        }

        int phase() {
            return phaseHeight * phaseWidth;
        }

        int phases() {
            return stride * verticalStride;
        }
    }

    /** @param weightShape {@code [out, channels, kernel ..]} */
    ConvolutionGradients(PerExampleScope scope, String name, long[] weightShape) {
        this.scope = scope;
        this.bias = new RowGradients(scope, scope.offset(name + ".bias"));
        this.weight = new RowGradients(scope, scope.offset(name + ".weight"));
        this.out = (int) weightShape[0];
        this.channels = (int) weightShape[1];
        this.kernelHeight = weightShape.length == 3 ? 1 : (int) weightShape[2];
        this.kernelWidth = (int) weightShape[weightShape.length - 1];
    }

    /**
     * @param input {@code [rows, channels, size ..]}
     * @param probe a leaf of the output's shape
     */
    void add(PtNDArray input, PtNDArray probe, long stride, long padding) {
        uses.add(new Use(input, probe, (int) stride, (int) padding));
    }

    @Override
    public void retain(Set<PtNDArray> keptInputs, Set<PtNDArray> keptProbes) {
        uses.forEach(use -> {
            keptInputs.add(use.input());
            keptProbes.add(use.probe());
        });
    }

    @Override
    public double[] squaredNorms() {
        int rows = scope.units().rows();
        for (Use use : uses) {
            PtNDArray derivative = scope.takeGradient(use.probe());
            PtNDArray places = JniUtils.reshape(derivative, new long[] {rows, out, -1});
            bias.add(JniUtils.sum(places, new long[] {2}, false));
            Geometry geometry = geometry(use, derivative.getShape().getShape());
            PtNDArray lines =
                    JniUtils.reshape(derivative, new long[] {rows, out, geometry.outHeight(), geometry.outWidth()});
            PtNDArray padded = JniUtils.pad(lines, new long[] {0, geometry.phaseWidth() - geometry.outWidth()}, 0);
            derivative.close();
            weight.add(products(use, geometry, JniUtils.reshape(padded, new long[] {rows, out, geometry.places()})));
            padded.close();
        }
        double[] squares = new double[scope.units().count()];
        weight.addSquaredNorms(squares);
        bias.addSquaredNorms(squares);
        return squares;
    }

    private Geometry geometry(Use use, long[] outputShape) {
        long[] shape = use.input().getShape().getShape();
        boolean oneAxis = shape.length == 3;
        int height = oneAxis ? 1 : (int) shape[2];
        int width = (int) shape[shape.length - 1];
        int outHeight = oneAxis ? 1 : (int) outputShape[2];
        int outWidth = (int) outputShape[outputShape.length - 1];
        int verticalStride = oneAxis ? 1 : use.stride();
        // As far as the last place's patch reaches; what of the image lies beyond is seen by no place.
        return new Geometry(
                height,
                width,
                outHeight,
                outWidth,
                use.stride(),
                verticalStride,
                use.padding(),
                oneAxis ? 0 : use.padding(),
                outHeight + (kernelHeight - 1) / verticalStride,
                outWidth + (kernelWidth - 1) / use.stride());
    }

    /** {@code [rows, out, channels x kernel]}, in parts. */
    private List<PtNDArray> products(Use use, Geometry geometry, PtNDArray places) {
        int rows = scope.units().rows();
        int taps = channels * kernelHeight * kernelWidth;
        int patch = taps * geometry.places();
        int inputValues = channels * geometry.height() * geometry.width();
        int step = Math.clamp(PATCH_VALUES / patch, 1, rows);
        float[] input = new float[inputValues];
        float[] phases = new float[geometry.phases() * geometry.phase()];
        MemorySegment patches = scope.memory(step * patch);
        patches.fill((byte) 0);
        FloatBuffer source = PerExampleLayer.read(use.input());
        List<PtNDArray> parts = new ArrayList<>();
        for (int from = 0; from < rows; from += step) {
            int count = Math.min(step, rows - from);
            for (int row = 0; row < count; row++) {
                source.get(input);
                for (int channel = 0; channel < channels; channel++) {
                    deal(geometry, input, channel * geometry.height() * geometry.width(), phases);
                    copyTaps(
                            geometry,
                            phases,
                            patches,
                            row * patch + channel * kernelHeight * kernelWidth * geometry.places());
                }
            }
            PtNDArray unfolded = scope.over(patches, count, taps, geometry.places());
            parts.add(JniUtils.bmm(
                    JniUtils.slice(places, 0, from, (long) from + count, 1), JniUtils.transpose(unfolded, 1, 2)));
            unfolded.close();
        }
        return parts;
    }

    /** One channel's image into its phases; what is padding in them stays 0. */
    private static void deal(Geometry g, float[] input, int plane, float[] phases) {
        int stride = g.stride();
        for (int line = 0; line < g.phaseHeight() * g.verticalStride(); line++) {
            int y = line - g.verticalPadding();
            if (y < 0 || y >= g.height()) {
                continue;
            }
            int phaseLine = line % g.verticalStride() * stride * g.phase() + line / g.verticalStride() * g.phaseWidth();
            for (int phase = 0; phase < stride; phase++) {
                int to = phaseLine + phase * g.phase();
                int shift = phase - g.padding();
                int first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
                int end = shift >= g.width() ? 0 : Math.min(g.phaseWidth(), (g.width() - 1 - shift) / stride + 1);
                int from = plane + y * g.width() + shift;
                for (int x = first; x < end; x++) {
                    phases[to + x] = input[from + x * stride];
                }
            }
        }
    }

    /** What each tap of the kernel sees of one channel, {@code [kernel height, kernel width, places]}. */
    private void copyTaps(Geometry g, float[] phases, MemorySegment patches, int at) {
        long to = (long) at * Float.BYTES;
        for (int down = 0; down < kernelHeight; down++) {
            for (int right = 0; right < kernelWidth; right++) {
                int phase = down % g.verticalStride() * g.stride() + right % g.stride();
                int from = phase * g.phase() + down / g.verticalStride() * g.phaseWidth() + right / g.stride();
                MemorySegment.copy(phases, from, patches, ValueLayout.JAVA_FLOAT, to, g.run());
                to += (long) g.places() * Float.BYTES;
            }
        }
    }

    @Override
    public void drop(float[] keep) {
        weight.drop(keep);
        bias.drop(keep);
    }

    @Override
    public void addWeighted(float[] factors, float[] gradient) {
        bias.addWeighted(factors, gradient);
        weight.addWeighted(factors, gradient);
    }
}
