package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.SamplingRate;
import java.util.function.DoubleUnaryOperator;

/**
 * Finds the setting of Poisson-sampled Gaussian steps that just keeps to a target.
 *
 * <p>Guarantees: what is found keeps to the target by the accountant's own claim, and a setting that is worse by 1 in 10,000 (or
 * by one step) does not.
 *
 * @param target greater than 0, bounded
 */
public record Calibration(Accountant accountant, NeighbouringRelation relation, Epsilon target, Delta delta) {
    /** Where the search ends: no useful setting lies outside. */
    private static final double LEAST_NOISE = 0.05;

    private static final double MOST_NOISE = 1e6;
    private static final double LEAST_RATE = 1e-9;
    private static final double MOST_STEPS = 1e12;

    /** Relative distance of a setting that fits from one that does not, at the end. */
    private static final double RESOLUTION = 1e-4;

    private static final int MOST_EVALUATIONS = 200;

    public Calibration {
        if (!(target.value() > 0 && target.isBounded())) {
            throw new IllegalArgumentException("a target epsilon is greater than 0 and bounded, got " + target.value());
        }
        Accountant.requirePositive(delta);
    }

    /** The least noise. */
    public NoiseMultiplier noise(SamplingRate rate, long steps) {
        // Epsilon rises with the inverse of the noise.
        double found = largest(
                inverse -> epsilon(rate, new NoiseMultiplier(1 / inverse), steps), 1, 1 / MOST_NOISE, 1 / LEAST_NOISE);
        return new NoiseMultiplier(1 / found);
    }

    /** The most steps. */
    public long steps(SamplingRate rate, NoiseMultiplier noise) {
        return (long) largest(steps -> epsilon(rate, noise, (long) steps), 64, 1, MOST_STEPS);
    }

    /** The highest sampling rate. */
    public SamplingRate rate(NoiseMultiplier noise, long steps) {
        return new SamplingRate(largest(rate -> epsilon(new SamplingRate(rate), noise, steps), 0.01, LEAST_RATE, 1));
    }

    private double epsilon(SamplingRate rate, NoiseMultiplier noise, long steps) {
        Composition composition = Composition.under(relation)
                .and(new Mechanism.PoissonSampled(rate, new Mechanism.Gaussian(noise)), steps);
        return accountant.epsilon(composition, delta).value();
    }

    /** The largest setting whose epsilon is at most the target, where epsilon rises with it. */
    private double largest(DoubleUnaryOperator epsilon, double start, double least, double most) {
        boolean whole = most == MOST_STEPS;
        double fits = start;
        double excess = excess(epsilon, start);
        double fails = start;
        double failsBy = excess;
        double fitsBy = excess;
        double factor = 2;
        while (fitsBy > 0) {
            if (fits <= least) {
                throw new IllegalArgumentException(
                        "no setting in reach keeps to epsilon " + target.value() + " at delta " + delta.value()
                                + "; allow more epsilon, fewer steps, a lower sampling rate or more noise");
            }
            fails = fits;
            failsBy = fitsBy;
            fits = Math.max(least, fits / factor);
            fitsBy = excess(epsilon, fits);
            factor *= factor;
        }
        factor = 2;
        while (failsBy <= 0) {
            if (fails >= most) {
                return most;
            }
            fits = fails;
            fitsBy = failsBy;
            fails = Math.min(most, fails * factor);
            failsBy = excess(epsilon, fails);
            factor *= factor;
        }
        return between(epsilon, fits, fitsBy, fails, failsBy, whole);
    }

    /** Narrows a bracket by the secant in logarithms, halving where that is slow (Illinois; Dowell and Jarratt 1971). */
    private double between(
            DoubleUnaryOperator epsilon,
            double fitsAtFirst,
            double fitsByAtFirst,
            double failsAtFirst,
            double failsByAtFirst,
            boolean whole) {
        double fits = fitsAtFirst;
        double fitsBy = Math.max(-50, fitsByAtFirst);
        double fails = failsAtFirst;
        double failsBy = Math.min(50, failsByAtFirst);
        int sameSide = 0;
        for (int i = 0; i < MOST_EVALUATIONS && !close(fits, fails, whole); i++) {
            double share = i % 4 == 3 ? 0.5 : Math.clamp(-fitsBy / (failsBy - fitsBy), 0.02, 0.98);
            double next = Math.exp(Math.log(fits) + share * (Math.log(fails) - Math.log(fits)));
            next = whole ? Math.clamp(Math.rint(next), fits + 1, fails - 1) : next;
            double by = Math.clamp(excess(epsilon, next), -50, 50);
            if (by <= 0) {
                sameSide = Math.max(1, sameSide + 1);
                fits = next;
                fitsBy = by;
                failsBy = sameSide > 1 ? failsBy / 2 : failsBy;
            } else {
                sameSide = Math.min(-1, sameSide - 1);
                fails = next;
                failsBy = by;
                fitsBy = sameSide < -1 ? fitsBy / 2 : fitsBy;
            }
        }
        return fits;
    }

    private static boolean close(double fits, double fails, boolean whole) {
        return whole ? fails - fits <= 1 : fails <= fits * (1 + RESOLUTION);
    }

    /** log of epsilon over the target. */
    private double excess(DoubleUnaryOperator epsilon, double setting) {
        return Math.log(epsilon.applyAsDouble(setting) / target.value());
    }
}
