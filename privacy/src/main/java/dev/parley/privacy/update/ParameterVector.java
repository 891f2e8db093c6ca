package dev.parley.privacy.update;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a model: named, shaped float32 blocks over one contiguous array, in the order of its
 * {@link ParameterLayout}. Immutable: values go in and come out by copy.
 */
public final class ParameterVector {
    private static final int HASH_CHUNK_VALUES = 4096;

    private final ParameterLayout layout;
    private final float[] values;

    private ParameterVector(ParameterLayout layout, float[] values) {
        this.layout = layout;
        this.values = values;
    }

    /**
     * @param values one value for each position of the layout; copied
     * @throws IllegalArgumentException if the length differs from {@code layout.size()}
     */
    public static ParameterVector of(ParameterLayout layout, float[] values) {
        return adopting(layout, values.clone());
    }

    /** Like {@link #of} for callers inside this package that give up their only reference to {@code values}. */
    static ParameterVector adopting(ParameterLayout layout, float[] values) {
        if (values.length != layout.size()) {
            throw new IllegalArgumentException(
                    "the layout has " + layout.size() + " values, the array has " + values.length);
        }
        return new ParameterVector(layout, values);
    }

    public static ParameterVector zeros(ParameterLayout layout) {
        return new ParameterVector(layout, new float[layout.size()]);
    }

    public ParameterLayout layout() {
        return layout;
    }

    public int size() {
        return values.length;
    }

    public float get(int index) {
        return values[index];
    }

    /** A copy of all values in layout order. */
    public float[] toArray() {
        return values.clone();
    }

    /** A copy of one block's values, row-major. */
    public float[] block(String name) {
        int offset = layout.offset(name);
        for (Block block : layout.blocks()) {
            if (block.name().equals(name)) {
                return Arrays.copyOfRange(values, offset, offset + block.size());
            }
        }
        throw new AssertionError("offset() has checked the name");
    }

    /** This vector plus {@code factor} times {@code other}; layouts must agree. */
    public ParameterVector plus(ParameterVector other, float factor) {
        requireSameLayout(other);
        float[] sum = values.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * other.values[i];
        }
        return new ParameterVector(layout, sum);
    }

    /** This vector minus {@code other}; layouts must agree. */
    public ParameterVector minus(ParameterVector other) {
        return plus(other, -1f);
    }

    /** Euclidean norm, summed in double precision in layout order, so the same on every machine. */
    public double norm() {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** Index of the first value that is NaN or infinite, or -1. */
    public int firstNonFinite() {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    /** SHA-256 over the layout's hash and the values as little-endian float32. Equal bits, equal hash. */
    public ContentHash hash() {
        MessageDigest digest = ContentHash.newDigest();
        digest.update(layout.hash().bytes());
        ByteBuffer chunk = ByteBuffer.allocate(HASH_CHUNK_VALUES * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < values.length; start += HASH_CHUNK_VALUES) {
            int count = Math.min(HASH_CHUNK_VALUES, values.length - start);
            chunk.asFloatBuffer().put(values, start, count);
            digest.update(chunk.array(), 0, count * Float.BYTES);
        }
        return ContentHash.ofDigest(digest.digest());
    }

    private void requireSameLayout(ParameterVector other) {
        if (!layout.equals(other.layout)) {
            throw new IllegalArgumentException(
                    "parameter vectors of different layouts: " + layout + " and " + other.layout);
        }
    }

    float[] shared() {
        return values;
    }

    /** Equal when layout and every bit agree (so NaN equals the same NaN, and 0.0 differs from -0.0). */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof ParameterVector that) || !layout.equals(that.layout)) {
            return false;
        }
        for (int i = 0; i < values.length; i++) {
            if (Float.floatToRawIntBits(values[i]) != Float.floatToRawIntBits(that.values[i])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return layout.hashCode() * 31 + Arrays.hashCode(values);
    }

    /** Never the values: a parameter vector may hold what a site has not released. */
    @Override
    public String toString() {
        return "ParameterVector[" + layout + "]";
    }
}
