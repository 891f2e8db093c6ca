package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A value that all examples read alike: each reads its own copy, whose gradient is the example's. */
final class SharedGradients implements PerExampleLayer {
    private final PerExampleScope scope;
    private final RowGradients value;
    private final List<PtNDArray> probes = new ArrayList<>();

    SharedGradients(PerExampleScope scope, String name) {
        this.scope = scope;
        this.value = new RowGradients(scope, scope.offset(name));
    }

    /** @param probe a leaf {@code [rows, ..]} that holds the value (or its beginning) once for each row */
    void add(PtNDArray probe) {
        probes.add(probe);
    }

    @Override
    public void retain(Set<PtNDArray> keptInputs, Set<PtNDArray> keptProbes) {
        keptProbes.addAll(probes);
    }

    @Override
    public double[] squaredNorms() {
        probes.forEach(probe -> value.add(scope.takeGradient(probe)));
        double[] squares = new double[scope.units().count()];
        value.addSquaredNorms(squares);
        return squares;
    }

    @Override
    public void drop(float[] keep) {
        value.drop(keep);
    }

    @Override
    public void addWeighted(float[] factors, float[] gradient) {
        value.addWeighted(factors, gradient);
    }
}
