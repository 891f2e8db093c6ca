package dev.parley.privacy.update;

/**
 * A random rotation of vectors of any dimension d: it spreads a vector's norm over all coordinates, so that a coordinate
 * needs a far smaller range on the ring than the norm itself.
 *
 * <p><b>The rotation.</b> Let m = 2^k be the largest power of two not above d, and H the Walsh-Hadamard matrix of order m
 * divided by sqrt(m), which is orthogonal and its own inverse. The first m coordinates are multiplied by random signs and
 * by H; then the <i>last</i> m coordinates, which overlap them, by other signs and by H. If d = m there is no second
 * stage. Each stage is orthogonal, so norms, means and differences are kept, and the inverse is the same steps backwards.
 * No padding: d coordinates go in and d come out.
 *
 * <p><b>Why it bounds a coordinate</b> (Ailon and Chazelle 2006; Suresh et al. 2017, section 3; Kairouz et al. 2021). Take a vector of norm at most c that was fixed before the signs were drawn. A coordinate that a
 * stage gives out is {@code sum over i of s_i h_i x_i} with independent signs s_i and |h_i| = 1/sqrt(m), hence
 * {@code E exp(a y) = product of cosh(a x_i / sqrt(m)) <= exp(a^2 c^2 / 2m)}: it is sub-Gaussian with variance proxy
 * c^2/m. Each coordinate leaves in one last stage: those before d - m in the first, all others in the second. What enters
 * the second has norm at most c whatever the first one's signs, and its own signs are independent of it, so the same
 * bound holds. By Chernoff, {@code P(|y_j| > t) <= 2 exp(-t^2 m / 2 c^2)}, and by the union bound over d coordinates
 *
 * <pre>{@code P(some |y_j| > t) <= beta    for    t = c sqrt(2 ln(2 d / beta) / m).}</pre>
 *
 * Since m > d / 2, t is at most sqrt(2) times what a full rotation of d coordinates would give. A coordinate never exceeds
 * c either, which is less for m up to about 80.
 *
 * <p><b>Signs.</b> Bit j (from the least significant) of the w-th little-endian 64-bit word of AES-256-CTR under the
 * rotation seed is the sign of coordinate 64 w + j of the first stage, 1 for minus; the second stage goes on at the next
 * whole word. The seed is public: the bound is against chance, not against a site that chooses its vector to fit the
 * signs. Such a site meets an error at home and harms nobody else.
 *
 * <p><b>Guarantees</b>: the same bits on every machine: IEEE double operations in one order (levels from the largest
 * stride to the smallest), which blocking for the cache does not change. In place, O(d log d), no allocation.
 *
 * <p>Double and not float: measured side by side, a stage of 2^19 values takes 1.6 ms in either. The error of float, 2^-23
 * of a coordinate, would show on rings of 24 bits and more; that of double is below every ring step up to 2^32.
 */
final class RandomisedHadamard {
    /** Chance that a rotated vector has any coordinate beyond {@link #coordinateBound}. */
    static final double FAILURE_PROBABILITY = 0x1p-40;

    /** Values that are finished while they are in the first-level cache: 32 KiB of double. */
    private static final int CACHED = 4096;

    private final int dimension;
    private final int width;
    private final double normalisation;
    private final long[] firstSigns;
    private final long[] lastSigns;

    /** @param dimension d, at least 1 */
    RandomisedHadamard(int dimension, RotationSeed seed) {
        this.dimension = dimension;
        this.width = width(dimension);
        this.normalisation = 1 / Math.sqrt(width);
        int words = (width + Long.SIZE - 1) / Long.SIZE;
        this.firstSigns = new long[words];
        this.lastSigns = new long[width == dimension ? 0 : words];
        drawSigns(seed);
    }

    /**
     * The bound t of the essay, in the unit of {@code norm}: no coordinate of a rotated vector of at most this norm
     * exceeds it, but for a probability of {@link #FAILURE_PROBABILITY}.
     */
    static double coordinateBound(int dimension, double norm) {
        return norm * Math.min(1, Math.sqrt(2 * Math.log(2.0 * dimension / FAILURE_PROBABILITY) / width(dimension)));
    }

    /** m: the largest power of two that is at most {@code dimension}. */
    private static int width(int dimension) {
        if (dimension < 1) {
            throw new IllegalArgumentException("a vector has at least 1 coordinate, got " + dimension);
        }
        return Integer.highestOneBit(dimension);
    }

    private void drawSigns(RotationSeed seed) {
        Keystream stream = Keystream.of(seed);
        int wordsOfChunk = Keystream.CHUNK_BYTES / Long.BYTES;
        byte[] chunk = stream.next();
        int at = 0;
        for (long[] signs : new long[][] {firstSigns, lastSigns}) {
            for (int w = 0; w < signs.length; w++) {
                if (at == wordsOfChunk) {
                    chunk = stream.next();
                    at = 0;
                }
                signs[w] = (long) Keystream.LONG_WORD.get(chunk, at++ * Long.BYTES);
            }
        }
    }

    /** Rotates {@code values}, of length d, in place. */
    void rotate(double[] values) {
        requireDimension(values);
        flip(values, 0, firstSigns);
        transform(values, 0);
        if (lastSigns.length > 0) {
            flip(values, dimension - width, lastSigns);
            transform(values, dimension - width);
        }
    }

    /** Undoes {@link #rotate} in place, up to rounding in double. */
    void invert(double[] values) {
        requireDimension(values);
        if (lastSigns.length > 0) {
            transform(values, dimension - width);
            flip(values, dimension - width, lastSigns);
        }
        transform(values, 0);
        flip(values, 0, firstSigns);
    }

    private void requireDimension(double[] values) {
        if (values.length != dimension) {
            throw new IllegalArgumentException(
                    "this rotation is of " + dimension + " coordinates, the vector has " + values.length);
        }
    }

    /** Signs and normalisation of one stage together. The sign is a bit operation: a branch on it would be random. */
    private void flip(double[] values, int from, long[] signs) {
        for (int w = 0; w < signs.length; w++) {
            long bits = signs[w];
            int at = from + w * Long.SIZE;
            int count = Math.min(Long.SIZE, width - w * Long.SIZE);
            for (int j = 0; j < count; j++) {
                long value = Double.doubleToRawLongBits(values[at + j] * normalisation);
                values[at + j] = Double.longBitsToDouble(value ^ bits >>> j << Long.SIZE - 1);
            }
        }
    }

    /** The fast Walsh-Hadamard transform, not normalised: first what spans the cache, then each part inside it. */
    private void transform(double[] values, int from) {
        int span = levels(values, from, width, width, CACHED);
        for (int at = from; at < from + width; at += span) {
            levels(values, at, span, span, 1);
        }
    }

    /**
     * Runs the levels of the transform over {@code length} values that lie in independent parts of {@code span}, three
     * levels in one pass where they fit, until parts have at most {@code least} values.
     *
     * @return the size of the parts that are left
     */
    private static int levels(double[] values, int from, int length, int span, int least) {
        int left = span;
        while (left > least) {
            int branches = Math.min(8, Math.max(left / least, 2));
            int stride = left / branches;
            for (int at = from; at < from + length; at += left) {
                switch (branches) {
                    case 8 -> eight(values, at, stride);
                    case 4 -> four(values, at, stride);
                    default -> two(values, at, stride);
                }
            }
            left = stride;
        }
        return left;
    }

    private static void two(double[] a, int from, int s) {
        for (int i = from; i < from + s; i++) {
            double x0 = a[i];
            double x1 = a[i + s];
            a[i] = x0 + x1;
            a[i + s] = x0 - x1;
        }
    }

    private static void four(double[] a, int from, int s) {
        for (int i = from; i < from + s; i++) {
            double y0 = a[i] + a[i + 2 * s];
            double y1 = a[i + s] + a[i + 3 * s];
            double y2 = a[i] - a[i + 2 * s];
            double y3 = a[i + s] - a[i + 3 * s];
            a[i] = y0 + y1;
            a[i + s] = y0 - y1;
            a[i + 2 * s] = y2 + y3;
            a[i + 3 * s] = y2 - y3;
        }
    }

    private static void eight(double[] a, int from, int s) {
        for (int i = from; i < from + s; i++) {
            double x0 = a[i];
            double x1 = a[i + s];
            double x2 = a[i + 2 * s];
            double x3 = a[i + 3 * s];
            double x4 = a[i + 4 * s];
            double x5 = a[i + 5 * s];
            double x6 = a[i + 6 * s];
            double x7 = a[i + 7 * s];
            double y0 = x0 + x4;
            double y1 = x1 + x5;
            double y2 = x2 + x6;
            double y3 = x3 + x7;
            double y4 = x0 - x4;
            double y5 = x1 - x5;
            double y6 = x2 - x6;
            double y7 = x3 - x7;
            x0 = y0 + y2;
            x1 = y1 + y3;
            x2 = y0 - y2;
            x3 = y1 - y3;
            x4 = y4 + y6;
            x5 = y5 + y7;
            x6 = y4 - y6;
            x7 = y5 - y7;
            a[i] = x0 + x1;
            a[i + s] = x0 - x1;
            a[i + 2 * s] = x2 + x3;
            a[i + 3 * s] = x2 - x3;
            a[i + 4 * s] = x4 + x5;
            a[i + 5 * s] = x4 - x5;
            a[i + 6 * s] = x6 + x7;
            a[i + 7 * s] = x6 - x7;
        }
    }
}
