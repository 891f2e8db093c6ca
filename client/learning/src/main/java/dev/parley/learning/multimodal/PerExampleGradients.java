package dev.parley.learning.multimodal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The gradients of every unit of one step: their norms layer by layer, and any weighted sum of them. Valid until the
 * {@link PerExampleScope} is closed. None of them is ever formed as a whole.
 *
 * <p>A unit whose gradient is not finite counts as one of norm 0: nothing of it can enter a sum.
 */
public final class PerExampleGradients {
    private final PerExampleScope scope;
    private final List<String> names;
    private final List<PerExampleLayer> layers;
    private final double[][] squares;

    PerExampleGradients(PerExampleScope scope, Map<String, PerExampleLayer> layers) {
        this.scope = scope;
        this.names = List.copyOf(layers.keySet());
        this.layers = new ArrayList<>(layers.values());
        this.squares = new double[this.layers.size()][];
        ExampleUnits units = scope.units();
        for (int layer = 0; layer < squares.length; layer++) {
            squares[layer] = this.layers.get(layer).squaredNorms();
            for (int unit = 0; unit < units.count(); unit++) {
                squares[layer][unit] /= (double) units.size(unit) * units.size(unit);
            }
        }
        dropNonFinite(units);
    }

    private void dropNonFinite(ExampleUnits units) {
        boolean[] finite = new boolean[units.count()];
        boolean all = true;
        for (int unit = 0; unit < finite.length; unit++) {
            finite[unit] = Double.isFinite(squaredNorm(unit));
            all &= finite[unit];
        }
        if (all) {
            return;
        }
        float[] keep = new float[units.rows()];
        for (int row = 0; row < keep.length; row++) {
            keep[row] = finite[units.unitOf(row)] ? 1 : 0;
        }
        layers.forEach(layer -> layer.drop(keep));
        for (double[] layer : squares) {
            for (int unit = 0; unit < finite.length; unit++) {
                layer[unit] = finite[unit] ? layer[unit] : 0;
            }
        }
    }

    /** The layers that this step used, in the order of their first use. */
    public List<String> layers() {
        return names;
    }

    public int units() {
        return scope.units().count();
    }

    /** Squared Euclidean norm of one unit's gradient by all blocks. */
    public double squaredNorm(int unit) {
        double sum = 0;
        for (double[] layer : squares) {
            sum += layer[unit];
        }
        return sum;
    }

    /** The same by the blocks of one layer. */
    public double squaredNorm(int layer, int unit) {
        return squares[layer][unit];
    }

    /** By how much a layer's gradient of a unit is multiplied in a sum. */
    @FunctionalInterface
    public interface Factors {
        double of(int layer, int unit);
    }

    /**
     * Adds the sum over units of their gradients, each layer times its factor.
     *
     * @param sum in layout order
     */
    public void addWeightedSum(Factors factors, float[] sum) {
        ExampleUnits units = scope.units();
        float[] perRow = new float[units.rows()];
        for (int layer = 0; layer < squares.length; layer++) {
            for (int row = 0; row < perRow.length; row++) {
                int unit = units.unitOf(row);
                perRow[row] = (float) (factors.of(layer, unit) / units.size(unit));
            }
            layers.get(layer).addWeighted(perRow, sum);
        }
    }

    @Override
    public String toString() {
        return "PerExampleGradients[" + units() + " units, " + Arrays.toString(names.toArray()) + "]";
    }
}
