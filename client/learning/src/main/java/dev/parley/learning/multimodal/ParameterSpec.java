package dev.parley.learning.multimodal;

import dev.parley.learning.multimodal.Network.Pace;
import dev.parley.privacy.update.Block;
import java.util.SplittableRandom;

/** A block of a model, how it starts and how fast it may move. */
record ParameterSpec(Block block, Start start, double scale, Pace pace) {
    enum Start {
        /** Every value is {@code scale}. */
        CONSTANT,
        /** Normal with mean 0 and standard deviation {@code scale}. */
        NORMAL
    }

    /** A matrix or kernel, normal with variance {@code 1 / fan-in} (all dimensions but the first). */
    static ParameterSpec weight(String name, long... shape) {
        double fanIn = 1;
        for (int i = 1; i < shape.length; i++) {
            fanIn *= shape[i];
        }
        return new ParameterSpec(Block.of(name, shape), Start.NORMAL, Math.sqrt(1 / fanIn), Pace.BODY);
    }

    static ParameterSpec normal(String name, double deviation, long... shape) {
        return new ParameterSpec(Block.of(name, shape), Start.NORMAL, deviation, Pace.BODY_UNDECAYED);
    }

    static ParameterSpec constant(String name, double value, long... shape) {
        return new ParameterSpec(Block.of(name, shape), Start.CONSTANT, value, Pace.BODY_UNDECAYED);
    }

    static ParameterSpec wide(String name, long... shape) {
        return new ParameterSpec(Block.of(name, shape), Start.CONSTANT, 0, Pace.WIDE);
    }

    static ParameterSpec statistic(String name, long... shape) {
        return new ParameterSpec(Block.of(name, shape), Start.CONSTANT, 0, Pace.FROZEN);
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
