package dev.parley.learning.multimodal;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Gain and bias of a layer normalisation; the normalised input is computed again instead of kept. */
final class NormGradients implements PerExampleLayer {
    private final PerExampleScope scope;
    private final long width;
    private final RowGradients gain;
    private final RowGradients bias;
    private final List<PtNDArray> inputs = new ArrayList<>();
    private final List<PtNDArray> probes = new ArrayList<>();

    NormGradients(PerExampleScope scope, String name, long width) {
        this.scope = scope;
        this.width = width;
        this.gain = new RowGradients(scope, scope.offset(name + ".gain"));
        this.bias = new RowGradients(scope, scope.offset(name + ".bias"));
    }

    /** @param input {@code [rows, .., width]} */
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
        PtNDArray ones = scope.constant(1f, width);
        PtNDArray zeros = scope.constant(0f, width);
        long[] shape = {scope.units().rows(), -1, width};
        for (int use = 0; use < inputs.size(); use++) {
            PtNDArray derivative = scope.takeGradient(probes.get(use));
            PtNDArray normalised =
                    JniUtils.layerNorm(inputs.get(use), new Shape(width), ones, zeros, StepScope.NORM_EPSILON);
            bias.add(JniUtils.sum(JniUtils.reshape(derivative, shape), new long[] {1}, false));
            JniUtils.muli(
                    normalised,
                    JniUtils.reshape(derivative, normalised.getShape().getShape()));
            gain.add(JniUtils.sum(JniUtils.reshape(normalised, shape), new long[] {1}, false));
            normalised.close();
            derivative.close();
        }
        double[] squares = new double[scope.units().count()];
        gain.addSquaredNorms(squares);
        bias.addSquaredNorms(squares);
        return squares;
    }

    @Override
    public void drop(float[] keep) {
        gain.drop(keep);
        bias.drop(keep);
    }

    @Override
    public void addWeighted(float[] factors, float[] gradient) {
        gain.addWeighted(factors, gradient);
        bias.addWeighted(factors, gradient);
    }
}
