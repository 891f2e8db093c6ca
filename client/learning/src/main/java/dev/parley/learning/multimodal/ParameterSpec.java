package dev.parley.learning.multimodal;

import dev.parley.learning.multimodal.Network.Pace;
import dev.parley.privacy.update.Block;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A block of a model, how it starts, how fast it may move, and the layer that reads it. A new block has no rule until
 * {@link #by} says one, so a new kind of layer is refused under differential privacy until it has been thought through.
 */
record ParameterSpec(Block block, Start start, double scale, Pace pace, GradientRule rule) {
    enum Start {
        /** Every value is {@code scale}. */
        CONSTANT,
        /** Normal with mean 0 and standard deviation {@code scale}. */
        NORMAL
    }

    /** A matrix or kernel, normal with variance {@code 1 / fan-in} (all dimensions but the first). */
    static ParameterSpec weight(String name, long... shape) {
        return weight(name, 1, shape);
    }

    /** @param gain variance of a starting value times the fan-in */
    private static ParameterSpec weight(String name, double gain, long... shape) {
        double fanIn = 1;
        for (int i = 1; i < shape.length; i++) {
            fanIn *= shape[i];
        }
        return new ParameterSpec(
                Block.of(name, shape), Start.NORMAL, Math.sqrt(gain / fanIn), Pace.BODY, GradientRule.NONE);
    }

    /**
     * Weight and bias of a layer that reads everything of its input.
     *
     * @param gain variance of a starting weight times its fan-in
     * @param shape outputs first
     */
    static List<ParameterSpec> layer(String name, GradientRule rule, double gain, long... shape) {
        return List.of(
                weight(name + ".weight", gain, shape).by(rule),
                constant(name + ".bias", 0, shape[0]).by(rule));
    }

    static ParameterSpec normal(String name, double deviation, long... shape) {
        return new ParameterSpec(
                Block.of(name, shape), Start.NORMAL, deviation, Pace.BODY_UNDECAYED, GradientRule.NONE);
    }

    static ParameterSpec constant(String name, double value, long... shape) {
        return new ParameterSpec(Block.of(name, shape), Start.CONSTANT, value, Pace.BODY_UNDECAYED, GradientRule.NONE);
    }

    static ParameterSpec wide(String name, long... shape) {
        return new ParameterSpec(Block.of(name, shape), Start.CONSTANT, 0, Pace.WIDE, GradientRule.SPARSE);
    }

    static ParameterSpec statistic(String name, long... shape) {
        return new ParameterSpec(Block.of(name, shape), Start.CONSTANT, 0, Pace.FROZEN, GradientRule.NONE);
    }

    /** The same block, read by the layer that this rule is for. */
    ParameterSpec by(GradientRule layer) {
        return new ParameterSpec(block, start, scale, pace, layer);
    }

    /** Writes the starting values; they depend on the seed and the name only, not on other blocks. */
    void initialise(long seed, float[] values, int offset) {
        var random = new SplittableRandom(seed * 31 + block.name().hashCode());
        for (int i = offset; i < offset + block.size(); i++) {
            values[i] = (float)
                    switch (start) {
                        case CONSTANT -> scale;
                        case NORMAL -> scale * random.nextGaussian();
                    };
        }
    }
}
