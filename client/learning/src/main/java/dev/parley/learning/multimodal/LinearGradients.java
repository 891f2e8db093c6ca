package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An affine map applied to the tokens of every example, once or several times in a pass.
 *
 * <p>The weight's gradient of one example is {@code sum_t g_t a_t'} over the tokens of all uses. Its squared norm is also
 * {@code sum_{s,t} (a_s . a_t)(g_s . g_t)}, which never forms the gradient (Goodfellow 2015 for one token; Li et al. 2022,
 * section 4). Which of the two is cheaper depends on sizes only: with {@code T} tokens the products of tokens cost
 * {@code T^2 (in + out)} and the gradient {@code T in out}. Where the gradient is the cheaper one it is formed once and
 * kept for the sum, and is then smaller than inputs and derivatives together, which are released for it; where it is
 * not, the sum is one matrix product {@code (c g)' a} (Bu et al. 2022, section 4: mixed ghost clipping, book-keeping).
 */
final class LinearGradients implements PerExampleLayer {
    private final PerExampleScope scope;
    private final int weightOffset;
    private final RowGradients bias;
    private final List<PtNDArray> inputs = new ArrayList<>();
    private final List<PtNDArray> probes = new ArrayList<>();
    private final long in;
    private final long out;
    /** The gradient of each row, if it was formed; otherwise inputs and derivatives are kept. */
    private @Nullable RowGradients formed;

    private @Nullable PtNDArray a;
    private @Nullable PtNDArray g;

    LinearGradients(PerExampleScope scope, String name, long in, long out) {
        this.scope = scope;
        this.weightOffset = scope.offset(name + ".weight");
        this.bias = new RowGradients(scope, scope.offset(name + ".bias"));
        this.in = in;
        this.out = out;
    }

    /**
     * @param input {@code [rows, .., in]}
     * @param probe a leaf of as many values as the output, whose gradient is the output's
     */
    void add(PtNDArray input, PtNDArray probe) {
        inputs.add(input);
        probes.add(probe);
    }

    @Override
    public void retain(Set<PtNDArray> keptInputs, Set<PtNDArray> keptProbes) {
        keptInputs.addAll(inputs);
        keptProbes.addAll(probes);
    }

    @Override
    public double[] squaredNorms() {
        List<PtNDArray> derivatives = probes.stream().map(scope::takeGradient).toList();
        PtNDArray input = joined(inputs, in);
        PtNDArray derivative = joined(derivatives, out);
        long tokens = input.getShape().get(1);
        bias.add(tokens == 1 ? derivative : JniUtils.sum(derivative, new long[] {1}, false));
        double[] squares;
        boolean cheaperFormed = in * out < tokens * (in + out) && tokens > 1;
        if (cheaperFormed || (tokens > 1 && !scope.units().single())) {
            squares = formed(input, derivative);
        } else {
            a = input;
            g = derivative;
            squares = tokens == 1 ? ofSingleTokens(input, derivative) : ofTokens(input, derivative, tokens);
        }
        bias.addSquaredNorms(squares);
        return squares;
    }

    private double[] formed(PtNDArray input, PtNDArray derivative) {
        var rows = new RowGradients(scope, weightOffset);
        rows.add(JniUtils.bmm(JniUtils.transpose(derivative, 1, 2), input));
        derivative.close();
        formed = rows;
        double[] squares = new double[scope.units().count()];
        rows.addSquaredNorms(squares);
        return squares;
    }

    /** {@code |a|^2 |g|^2}; over the rows of a unit {@code sum_{i,j} (a_i . a_j)(g_i . g_j)}. */
    private double[] ofSingleTokens(PtNDArray input, PtNDArray derivative) {
        ExampleUnits units = scope.units();
        PtNDArray inputRows = JniUtils.reshape(input, new long[] {units.rows(), in});
        PtNDArray derivativeRows = JniUtils.reshape(derivative, new long[] {units.rows(), out});
        double[] squares = new double[units.count()];
        if (units.single()) {
            float[] as = JniUtils.norm(inputRows, 2, new int[] {1}, false).toFloatArray();
            float[] gs = JniUtils.norm(derivativeRows, 2, new int[] {1}, false).toFloatArray();
            for (int row = 0; row < as.length; row++) {
                double product = (double) as[row] * gs[row];
                squares[row] = product * product;
            }
            return squares;
        }
        float[] as = products(inputRows).toFloatArray();
        float[] gs = products(derivativeRows).toFloatArray();
        for (int i = 0; i < units.rows(); i++) {
            for (int j = 0; j < units.rows(); j++) {
                if (units.unitOf(i) == units.unitOf(j)) {
                    int at = i * units.rows() + j;
                    squares[units.unitOf(i)] += (double) as[at] * gs[at];
                }
            }
        }
        return squares;
    }

    private static PtNDArray products(PtNDArray rows) {
        return JniUtils.matmul(rows, JniUtils.transpose(rows, 0, 1));
    }

    private double[] ofTokens(PtNDArray input, PtNDArray derivative, long tokens) {
        PtNDArray as = JniUtils.bmm(input, JniUtils.transpose(input, 1, 2));
        PtNDArray gs = JniUtils.bmm(derivative, JniUtils.transpose(derivative, 1, 2));
        JniUtils.muli(as, gs);
        float[] sums = JniUtils.sum(
                        JniUtils.reshape(as, new long[] {scope.units().rows(), tokens * tokens}), new long[] {1}, false)
                .toFloatArray();
        as.close();
        gs.close();
        double[] squares = new double[sums.length];
        for (int row = 0; row < sums.length; row++) {
            // A sum of squares by its meaning; rounding may leave a tiny gradient's just below 0.
            squares[row] = Math.max(0, sums[row]);
        }
        return squares;
    }

    /** All uses as {@code [rows, tokens, width]}. */
    private PtNDArray joined(List<PtNDArray> parts, long width) {
        PtNDArray[] uses = new PtNDArray[parts.size()];
        for (int use = 0; use < uses.length; use++) {
            uses[use] =
                    JniUtils.reshape(parts.get(use), new long[] {scope.units().rows(), -1, width});
        }
        return Layers.concatenate(1, uses);
    }

    @Override
    public void drop(float[] keep) {
        bias.drop(keep);
        if (formed != null) {
            formed.drop(keep);
        }
        a = a == null ? null : scope.masked(a, keep);
        g = g == null ? null : scope.masked(g, keep);
    }

    @Override
    public void addWeighted(float[] factors, float[] gradient) {
        bias.addWeighted(factors, gradient);
        if (formed != null) {
            formed.addWeighted(factors, gradient);
        } else if (a != null && g != null) {
            PtNDArray weighted = JniUtils.mul(g, scope.floats(factors, factors.length, 1, 1));
            PtNDArray sum = JniUtils.matmul(
                    JniUtils.transpose(JniUtils.reshape(weighted, new long[] {-1, out}), 0, 1),
                    JniUtils.reshape(a, new long[] {-1, in}));
            PerExampleLayer.addTo(gradient, weightOffset, sum);
            weighted.close();
            sum.close();
        }
    }
}
