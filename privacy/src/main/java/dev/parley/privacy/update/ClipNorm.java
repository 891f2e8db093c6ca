package dev.parley.privacy.update;

/** The largest Euclidean norm an update may have when it leaves the clipping step; finite and above zero. */
public record ClipNorm(double value) {
    public ClipNorm {
        if (!(value > 0) || !Double.isFinite(value)) {
            throw new IllegalArgumentException("a clip norm is finite and above 0, got " + value);
        }
    }
}
