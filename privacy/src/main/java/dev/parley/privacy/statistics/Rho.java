package dev.parley.privacy.statistics;

/**
 * A privacy loss under zero-concentrated differential privacy (Bun and Steinke 2016): what a release of Gaussian noise
 * costs. Losses of several releases add, and an accountant turns their sum into epsilon at a delta.
 *
 * @param value positive and finite
 */
public record Rho(double value) {
    public Rho {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a rho is positive and finite, got " + value);
        }
    }

    /** Both losses. */
    Rho plus(Rho other) {
        return new Rho(value + other.value);
    }

    /** An equal part. */
    Rho dividedBy(int parts) {
        return new Rho(value / parts);
    }
}
