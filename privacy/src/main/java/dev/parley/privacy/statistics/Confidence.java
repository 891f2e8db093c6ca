package dev.parley.privacy.statistics;

/**
 * How often an interval may be trusted to hold the answer without noise.
 *
 * @param level in (0, 1), such as 0.95
 */
public record Confidence(double level) {
    /** What is usual. */
    public static final Confidence USUAL = new Confidence(0.95);

    public Confidence {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException("a confidence level is in (0, 1), such as 0.95, got " + level);
        }
    }

    /** The chance to be wrong, shared equally among several statements that shall all hold. */
    double alpha(int statements) {
        return (1 - level) / statements;
    }
}
