package dev.parley.learning.record;

/**
 * A stored window read between its samples. There is no low-pass filter: a site that stores faster than declared filters
 * first.
 */
final class LinearResampling {
    /** Positions nearer than this to a sample are the sample, so that equal rates give back every bit. */
    private static final double SAME = 1e-9;

    private LinearResampling() {}

    /**
     * The value at a position.
     *
     * @param position in samples from the first
     * @return NaN behind the last sample, where nothing was measured
     */
    static double at(double[] samples, double position) {
        double nearest = Math.rint(position);
        if (Math.abs(position - nearest) <= SAME * Math.max(1, position)) {
            return nearest < samples.length ? samples[(int) nearest] : Double.NaN;
        }
        int before = (int) position;
        if (before + 1 >= samples.length) {
            return Double.NaN;
        }
        double share = position - before;
        return samples[before] * (1 - share) + samples[before + 1] * share;
    }
}
