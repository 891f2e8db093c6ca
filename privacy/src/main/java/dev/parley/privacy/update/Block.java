package dev.parley.privacy.update;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A named, shaped run of float32 values inside a {@link ParameterVector}.
 *
 * @param name dotted lower-case name such as {@code text.embedding.weight}
 * @param shape dimensions, row-major; an empty shape is a scalar
 */
public record Block(String name, List<Long> shape) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]+(\\.[a-z0-9_]+)*");
    private static final int MAX_NAME_LENGTH = 200;
    private static final int MAX_RANK = 8;

    public Block {
        if (name.length() > MAX_NAME_LENGTH || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "block name '" + name + "': expected dotted lower-case words of at most 200 characters");
        }
        shape = List.copyOf(shape);
        if (shape.size() > MAX_RANK) {
            throw new IllegalArgumentException("block " + name + ": at most 8 dimensions, got " + shape.size());
        }
        for (long dimension : shape) {
            if (dimension < 1) {
                throw new IllegalArgumentException(
                        "block " + name + ": every dimension is at least 1, got shape " + shape);
            }
        }
        size(name, shape);
    }

    public static Block of(String name, long... shape) {
        return new Block(name, java.util.Arrays.stream(shape).boxed().toList());
    }

    /** Number of values. */
    public int size() {
        return size(name, shape);
    }

    private static int size(String name, List<Long> shape) {
        long product = 1;
        try {
            for (long dimension : shape) {
                product = Math.multiplyExact(product, dimension);
            }
            return Math.toIntExact(product);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "block " + name + ": shape " + shape + " has more than 2^31-1 values", e);
        }
    }
}
