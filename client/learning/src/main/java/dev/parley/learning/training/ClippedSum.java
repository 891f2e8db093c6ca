package dev.parley.learning.training;

import dev.parley.learning.multimodal.ExampleUnits;
import dev.parley.learning.multimodal.Network;
import dev.parley.learning.multimodal.Objective;
import dev.parley.learning.multimodal.PerExampleGradients;
import dev.parley.learning.multimodal.PerExampleGradients.Factors;
import dev.parley.learning.multimodal.PerExampleScope;
import dev.parley.learning.multimodal.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The sum of one step's clipped gradients, in units of the bound: no unit's share is longer than 1. Batches of any size
 * are taken a few rows at a time (a virtual batch), each pass added to a sum in double precision, so the result does not
 * depend on where they are cut.
 *
 * <p>The bound holds for what each unit adds in exact arithmetic. A factor is taken {@link #MARGIN} smaller than the norm
 * asks for, which is above what a norm computed in float32 is off by; what the float32 sum of one pass rounds is covered
 * by the noise's sensitivity ({@link StepNoise}).
 */
final class ClippedSum {
    /** Relative; the norms of a pass agree with a loop over examples to 2e-6. */
    private static final double MARGIN = 0x1p-18;

    private final Network network;
    private final Network.Prepared prepared;
    private final Objective objective;
    private final DpSgd privacy;
    private final double layerRoot;
    private final double[] total;
    private final float[] pass;
    private int below;

    /** @param layers number of the network's layers, used in a step or not */
    ClippedSum(Network network, Network.Prepared prepared, Objective objective, DpSgd privacy, int layers) {
        this.network = network;
        this.prepared = prepared;
        this.objective = objective;
        this.privacy = privacy;
        this.layerRoot = Math.sqrt(layers);
        this.total = new double[network.layout().size()];
        this.pass = new float[total.length];
    }

    /**
     * Sums one step; 0 if there are no units.
     *
     * @param arena with the step's weights
     * @param units the rows of each
     * @param random of dropout and augmentation
     */
    void sum(TensorArena arena, List<int[]> units, double bound, SplittableRandom random) {
        Arrays.fill(total, 0);
        below = 0;
        List<int[]> batch = new ArrayList<>();
        int rows = 0;
        for (int[] unit : units) {
            if (rows + unit.length > privacy.rowsAtOnce()) {
                pass(arena, batch, rows, bound, random);
                batch.clear();
                rows = 0;
            }
            batch.add(unit);
            rows += unit.length;
        }
        if (rows > 0) {
            pass(arena, batch, rows, bound, random);
        }
    }

    private void pass(TensorArena arena, List<int[]> units, int rows, double bound, SplittableRandom random) {
        int[] indices = new int[rows];
        int[] unitOfRow = new int[rows];
        int row = 0;
        for (int unit = 0; unit < units.size(); unit++) {
            for (int index : units.get(unit)) {
                indices[row] = index;
                unitOfRow[row++] = unit;
            }
        }
        try (PerExampleScope scope = arena.perExampleStep(network, ExampleUnits.of(unitOfRow, units.size()))) {
            PerExampleGradients gradients = scope.gradients(prepared.loss(scope, indices, random, objective));
            double[] norms = new double[units.size()];
            for (int unit = 0; unit < norms.length; unit++) {
                norms[unit] = Math.sqrt(gradients.squaredNorm(unit));
                below += norms[unit] <= bound ? 1 : 0;
            }
            Arrays.fill(pass, 0f);
            gradients.addWeightedSum(factors(gradients, norms, bound), pass);
        }
        for (int i = 0; i < total.length; i++) {
            total[i] += pass[i];
        }
    }

    private Factors factors(PerExampleGradients gradients, double[] norms, double bound) {
        return switch (privacy.clipping()) {
            case DpSgd.Clipping.Flat flat -> (layer, unit) -> (1 - MARGIN) / Math.max(bound, norms[unit]);
            case DpSgd.Clipping.Adaptive adaptive -> (layer, unit) -> (1 - MARGIN) / Math.max(bound, norms[unit]);
            case DpSgd.Clipping.PerLayer perLayer ->
                (layer, unit) ->
                        (1 - MARGIN) / Math.max(bound, layerRoot * Math.sqrt(gradients.squaredNorm(layer, unit)));
        };
    }

    /** The last sum, in layout order. */
    double[] total() {
        return total;
    }

    /** Units of the last sum whose gradient was not longer than the bound. Not to be told without noise. */
    int below() {
        return below;
    }
}
