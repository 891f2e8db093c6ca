package dev.parley.privacy.update;

/** The largest Euclidean norm an update may have when it leaves the clipping step; 1e-12 to 1e12. */
public record ClipNorm(double value) {
    // Far below, float32 has no precision left to scale an update into the bound; far above, none is ever clipped.
    private static final double LEAST = 1e-12;
    private static final double MOST = 1e12;

    public ClipNorm {
        if (!(value >= LEAST && value <= MOST)) {
            throw new IllegalArgumentException("a clip norm is 1e-12 to 1e12, got " + value);
        }
    }
}
