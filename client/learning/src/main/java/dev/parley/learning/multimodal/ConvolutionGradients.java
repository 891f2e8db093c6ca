package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A convolution over one or two axes. Each place of the output is a token of an affine map whose input is the patch
 * under the kernel, so a row's gradient is one product of derivatives and patches; kernels are small, so it is kept for the
 * sum.
 *
 * <p>The engine offers no unfolding. Patches are made of slices: with stride {@code s} the input is first dealt into its
 * {@code s} phases along each axis, so that each tap of the kernel is a contiguous slice of one phase. Rows are unfolded
 * a few at a time, because the patches of all would be larger than everything else in the pass.
 */
final class ConvolutionGradients implements PerExampleLayer {
    /** Patch values unfolded at once: 2 MB, what a core's cache holds. */
    private static final long PATCH_VALUES = 1 << 19;

    private final PerExampleScope scope;
    private final int weightOffset;
    private final RowGradients bias;
    private final RowGradients weight;
    private final List<Use> uses = new ArrayList<>();
    private final int out;
    private final int channels;
    private final long[] kernel;

    private record Use(PtNDArray input, PtNDArray probe, long stride, long padding) {}

    /** @param weightShape {@code [out, channels, kernel ..]} */
    ConvolutionGradients(PerExampleScope scope, String name, long[] weightShape) {
        this.scope = scope;
        this.weightOffset = scope.offset(name + ".weight");
        this.bias = new RowGradients(scope, scope.offset(name + ".bias"));
        // Its values are in the order of taps, not of the layout, until addWeighted puts them in place.
        this.weight = new RowGradients(scope, 0);
        this.out = (int) weightShape[0];
        this.channels = (int) weightShape[1];
        this.kernel = Arrays.copyOfRange(weightShape, 2, weightShape.length);
    }

    /**
     * @param input {@code [rows, channels, size ..]}
     * @param probe a leaf of the output's shape
     */
    void add(PtNDArray input, PtNDArray probe, long stride, long padding) {
        uses.add(new Use(input, probe, stride, padding));
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
        for (Use use : uses) {
            PtNDArray derivative = scope.takeGradient(use.probe());
            PtNDArray places =
                    JniUtils.reshape(derivative, new long[] {scope.units().rows(), out, -1});
            bias.add(JniUtils.sum(places, new long[] {2}, false));
            weight.add(products(use, places, derivative.getShape().getShape()));
            derivative.close();
        }
        double[] squares = new double[scope.units().count()];
        weight.addSquaredNorms(squares);
        bias.addSquaredNorms(squares);
        return squares;
    }

    /** {@code [rows, out, taps x channels]} */
    private PtNDArray products(Use use, PtNDArray places, long[] outputShape) {
        long rows = scope.units().rows();
        long taps = Arrays.stream(kernel).reduce(1, Math::multiplyExact);
        long patch = taps * channels * places.getShape().get(2);
        long step = Math.clamp(PATCH_VALUES / patch, 1, rows);
        List<PtNDArray> parts = new ArrayList<>();
        for (long from = 0; from < rows; from += step) {
            long to = Math.min(rows, from + step);
            PtNDArray patches = unfolded(JniUtils.slice(use.input(), 0, from, to, 1), use, outputShape);
            parts.add(JniUtils.bmm(JniUtils.slice(places, 0, from, to, 1), JniUtils.transpose(patches, 1, 2)));
            patches.close();
        }
        PtNDArray all = Layers.concatenate(0, parts.toArray(new PtNDArray[0]));
        if (parts.size() > 1) {
            parts.forEach(PtNDArray::close);
        }
        return all;
    }

    /** {@code [rows, taps x channels, places]} */
    private PtNDArray unfolded(PtNDArray x, Use use, long[] outputShape) {
        int axes = kernel.length;
        long stride = use.stride();
        long[] padding = new long[2 * axes];
        for (int axis = 0; axis < axes; axis++) {
            // The engine pads the last axis first. The far end is filled up so that all phases are equally long.
            long size = x.getShape().get(axis + 2);
            long padded = size + 2 * use.padding();
            int at = 2 * (axes - 1 - axis);
            padding[at] = use.padding();
            padding[at + 1] = use.padding() + Math.floorMod(-padded, stride);
        }
        PtNDArray padded = JniUtils.pad(x, padding, 0);
        PtNDArray phases = phases(padded, stride);
        padded.close();
        List<PtNDArray> taps = new ArrayList<>();
        int count = 1;
        for (long side : kernel) {
            count *= (int) side;
        }
        for (int tap = 0; tap < count; tap++) {
            taps.add(tap(phases, tap, stride, outputShape));
        }
        PtNDArray patches = JniUtils.cat(taps.toArray(new PtNDArray[0]), 1);
        taps.forEach(PtNDArray::close);
        phases.close();
        return JniUtils.reshape(patches, new long[] {x.getShape().get(0), (long) count * channels, -1});
    }

    /** {@code [rows, phases x channels, size / stride ..]} */
    private PtNDArray phases(PtNDArray padded, long stride) {
        if (stride == 1) {
            return padded;
        }
        int axes = kernel.length;
        long[] shape = padded.getShape().getShape();
        int count = (int) Math.pow(stride, axes);
        PtNDArray[] parts = new PtNDArray[count];
        for (int phase = 0; phase < count; phase++) {
            long[] from = new long[shape.length];
            long[] step = new long[shape.length];
            Arrays.fill(step, 1);
            for (int axis = 0, rest = phase; axis < axes; axis++, rest /= (int) stride) {
                from[axis + 2] = rest % stride;
                step[axis + 2] = stride;
            }
            parts[phase] = JniUtils.index(padded, from, shape, step, scope.manager());
        }
        return JniUtils.cat(parts, 1);
    }

    /** What the kernel's tap sees at every place: {@code [rows, channels, output size ..]}. */
    private PtNDArray tap(PtNDArray phases, int tap, long stride, long[] outputShape) {
        int axes = kernel.length;
        long[] from = new long[axes + 2];
        long[] to = phases.getShape().getShape().clone();
        long[] step = new long[axes + 2];
        Arrays.fill(step, 1);
        long phase = 0;
        int rest = tap;
        // The last axis runs fastest in the layout of kernels.
        for (int axis = axes - 1; axis >= 0; axis--) {
            long at = rest % kernel[axis];
            rest /= (int) kernel[axis];
            phase += at % stride * (long) Math.pow(stride, axis);
            from[axis + 2] = at / stride;
            to[axis + 2] = at / stride + outputShape[axis + 2];
        }
        from[1] = phase * channels;
        to[1] = (phase + 1) * channels;
        return JniUtils.index(phases, from, to, step, scope.manager());
    }

    @Override
    public void drop(float[] keep) {
        weight.drop(keep);
        bias.drop(keep);
    }

    @Override
    public void addWeighted(float[] factors, float[] gradient) {
        PtNDArray row = scope.floats(factors, 1, factors.length);
        bias.addWeighted(row, gradient);
        int taps = Math.toIntExact(Arrays.stream(kernel).reduce(1, Math::multiplyExact));
        float[] byTap = new float[out * taps * channels];
        weight.addWeighted(row, byTap);
        for (int o = 0; o < out; o++) {
            for (int tap = 0; tap < taps; tap++) {
                for (int channel = 0; channel < channels; channel++) {
                    gradient[weightOffset + (o * channels + channel) * taps + tap] +=
                            byTap[(o * taps + tap) * channels + channel];
                }
            }
        }
    }
}
