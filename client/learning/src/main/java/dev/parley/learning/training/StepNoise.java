package dev.parley.learning.training;

import dev.parley.learning.multimodal.PerExampleRules;
import dev.parley.privacy.dp.noise.FixedPointGaussian;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The noise of the steps of one round: discrete Gaussian on a fixed-point grid, for sums in units of the clip bound, so
 * one table of it serves whatever the bound becomes.
 *
 * <p>The sensitivity is the bound, 1, and on top what the grid rounds, what float32 rounds in the sum of one pass, and what
 * it rounds when the total becomes floats: half a unit in the last place of a vector no longer than the largest batch.
 * What float32 rounds inside a pass before rows are added is not bounded by arithmetic; {@link ClippedSum} leaves a
 * margin for it, and tests measure it.
 */
final class StepNoise {
    /** A step with more units than this many times the expected batch is not what its plan describes. */
    private static final int LARGEST_BATCH = 8;

    private static final double UNIT_ROUNDOFF = 0x1p-24;

    private final DpSgd privacy;
    private final FixedPointGaussian gradients;
    private final @Nullable FixedPointGaussian count;
    private final List<int[]> ranges;

    private StepNoise(
            DpSgd privacy, FixedPointGaussian gradients, @Nullable FixedPointGaussian count, List<int[]> ranges) {
        this.privacy = privacy;
        this.gradients = gradients;
        this.count = count;
        this.ranges = ranges;
    }

    static StepNoise of(DpSgd privacy, PerExampleRules rules, ParameterLayout layout, NoiseSource source) {
        List<int[]> ranges = ranges(rules, layout);
        int values = ranges.stream().mapToInt(range -> range[1] - range[0]).sum();
        double sensitivity = 1 + 2 * UNIT_ROUNDOFF * LARGEST_BATCH * privacy.expectedBatch();
        var gradients = covering(privacy.gradientNoise().value(), sensitivity, privacy.rowsAtOnce(), values, source);
        FixedPointGaussian count = privacy.clipping() instanceof DpSgd.Clipping.Adaptive adaptive
                ? covering(2 * adaptive.countNoise(), 0.5, 1, 1, source)
                : null;
        double distance = gradients.statisticalDistancePerUse().value()
                + (count == null ? 0 : count.statisticalDistancePerUse().value());
        if (distance > DpSgd.STEP_DISTANCE) {
            throw new IllegalStateException("a step's noise is within " + DpSgd.STEP_DISTANCE
                    + " of what is accounted, got " + distance + " for " + values + " values");
        }
        return new StepNoise(privacy, gradients, count, ranges);
    }

    /** Consecutive values that are trained; statistics are not, and noise on them would be in vain. */
    private static List<int[]> ranges(PerExampleRules rules, ParameterLayout layout) {
        List<int[]> ranges = new ArrayList<>();
        for (Block block : rules.blocks()) {
            int from = layout.offset(block.name());
            if (!ranges.isEmpty() && ranges.getLast()[1] == from) {
                ranges.getLast()[1] = from + block.size();
            } else {
                ranges.add(new int[] {from, from + block.size()});
            }
        }
        return ranges;
    }

    /** The least noise, nearly, whose multiplier is at least the one wanted: the grid, and so what it rounds, follows it. */
    private static FixedPointGaussian covering(
            double multiplier, double sensitivity, int summands, int values, NoiseSource source) {
        double deviation = multiplier * sensitivity;
        while (true) {
            FixedPointGaussian noise = FixedPointGaussian.of(deviation, values, source);
            double reached =
                    noise.multiplier(noise.sensitivity(sensitivity, summands)).value();
            if (reached >= multiplier) {
                return noise;
            }
            deviation *= multiplier / reached * (1 + 0x1p-30);
        }
    }

    /** @throws IllegalStateException if a batch is far larger than its plan expects; the site must not go on */
    void checkBatch(int units) {
        if (units > LARGEST_BATCH * (long) privacy.expectedBatch()) {
            throw new IllegalStateException("a step drew more than " + LARGEST_BATCH
                    + " times the expected batch of " + privacy.expectedBatch()
                    + " units; the plan's samplingRate is far too high for a site of this size: ask for a lower one or for a"
                    + " larger expectedBatch");
        }
    }

    /**
     * Writes the noisy mean gradient.
     *
     * @param sum in units of the bound
     * @param gradient in layout order; 0 where nothing is trained
     */
    void release(double[] sum, double bound, float[] gradient) {
        float scale = (float) (bound / privacy.expectedBatch());
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = (float) sum[i];
        }
        for (int[] range : ranges) {
            gradients.addTo(gradient, range[0], range[1]);
        }
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] *= scale;
        }
    }

    /**
     * The bound of the next step.
     *
     * @param below units of this step within the bound, of {@code units}
     */
    double next(double bound, int below, int units) {
        if (!(privacy.clipping() instanceof DpSgd.Clipping.Adaptive adaptive) || count == null) {
            return bound;
        }
        // Each unit adds one half or takes it away, so that its presence moves the sum by one half only.
        float[] centred = {below - units / 2f};
        count.addTo(centred, 0, 1);
        double share = Math.clamp(centred[0] / privacy.expectedBatch() + 0.5, 0.0, 1.0);
        return bound * Math.exp(-adaptive.pace() * (share - adaptive.quantile()));
    }
}
