package dev.parley.sim.world;

import java.util.SplittableRandom;

/**
 * The hidden condition of one record: its label, and the factors through which it shows. Given the label, a factor is
 * normal with deviation 1 around plus or minus half the effect, independent of the other factors. A modality sees some
 * of the factors, each with noise of its own; two modalities that see one factor are redundant in that part.
 *
 * @param factors one value for each factor
 */
record Condition(boolean positive, double[] factors) {
    /** How many factors both worlds have. */
    static final int FACTORS = 3;

    /** @param effect distance between the means of a factor under the two labels, in deviations */
    static Condition draw(boolean positive, double effect, SplittableRandom random) {
        double[] factors = new double[FACTORS];
        for (int i = 0; i < FACTORS; i++) {
            factors[i] = (positive ? effect : -effect) / 2 + random.nextGaussian();
        }
        return new Condition(positive, factors);
    }

    /**
     * What a modality sees of the factors: the evidence that it then shows in its own form.
     *
     * @param seen indices of the factors
     * @param noise deviation of the modality's own noise
     */
    double[] evidence(int[] seen, double noise, SplittableRandom random) {
        double[] evidence = new double[seen.length];
        for (int i = 0; i < seen.length; i++) {
            evidence[i] = factors[seen[i]] + noise * random.nextGaussian();
        }
        return evidence;
    }
}
