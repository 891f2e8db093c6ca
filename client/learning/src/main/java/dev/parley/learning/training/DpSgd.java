package dev.parley.learning.training;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.dp.accounting.Calibration;
import dev.parley.privacy.dp.accounting.Composition;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.accounting.PldAccountant;
import dev.parley.privacy.dp.ledger.PrivacyLoss;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.noise.StatisticalDistance;
import dev.parley.privacy.update.ClipNorm;

/**
 * Training by noisy clipped gradients (Abadi et al., "Deep learning with differential privacy", CCS 2016): every step
 * samples each unit by its own coin, clips each unit's gradient, and adds Gaussian noise to the sum. Everything here is
 * public and the same at every site; nothing is computed from a site's number of records, which is private itself.
 *
 * @param unit a record, or a subject with all its records
 * @param clipNorm largest Euclidean norm that one unit's gradient may have; where clipping adapts, the one that a round
 *     begins with
 * @param noise standard deviation of one step's noise over what one unit can change, counts for adaptive clipping included
 * @param rate probability with which a unit is in a step
 * @param expectedBatch by what the noisy sum is divided: the units that a site of nominal size has in a step
 * @param stepsPerRound optimiser steps of each round
 * @param clipping how the bound is spread over the layers, and whether it adapts
 * @param recordsPerSubject records of one subject in one step, chosen at random; their mean gradient is clipped. 1 if the
 *     unit is a record
 * @param rowsAtOnce records in one pass; larger batches are accumulated, so memory does not grow with them
 * @param delta at which epsilon is reported
 */
public record DpSgd(
        PrivacyUnit unit,
        ClipNorm clipNorm,
        NoiseMultiplier noise,
        SamplingRate rate,
        int expectedBatch,
        int stepsPerRound,
        Clipping clipping,
        int recordsPerSubject,
        int rowsAtOnce,
        Delta delta)
        implements LocalPrivacy {

    /**
     * Largest statistical distance of one step's noise, count included, from the Gaussian that is accounted; below
     * 2^-80 for a vector (FixedPointGaussian). {@link StepNoise} holds its noise to it.
     */
    static final double STEP_DISTANCE = 0x1p-79;

    private static final NeighbouringRelation NEIGHBOURS = NeighbouringRelation.ADD_OR_REMOVE_ONE;

    /** Largest noise multiplier that a learning configuration may have. */
    static final double MOST_NOISE = 1e4;

    /** How a unit's gradient is brought within the clip norm. */
    public sealed interface Clipping {
        /** One factor for the whole gradient. */
        record Flat() implements Clipping {}

        /**
         * Each of the K layers within {@code clipNorm / sqrt(K)}, so that no layer's gradient takes all of the bound
         * (McMahan et al. 2018, section 3).
         */
        record PerLayer() implements Clipping {}

        /**
         * One factor, and a bound that follows a quantile of the units' norms (Andrew, Thakkar, McMahan, Ramaswamy,
         * "Differentially private learning with adaptive clipping", NeurIPS 2021, algorithm 1). How many norms lie below the
         * bound is released with noise of its own, which is taken out of the step's: with the count less one half for each
         * unit, whose sensitivity is one half, {@code noise^-2 = gradientNoise^-2 + (2 countNoise)^-2} (theorem 1).
         *
         * @param quantile share of the units whose gradient is not to be clipped
         * @param pace rate of the geometric update of the bound
         * @param countNoise standard deviation of the noise on the count
         */
        record Adaptive(double quantile, double pace, double countNoise) implements Clipping {}
    }

    public DpSgd {
        if (unit == PrivacyUnit.SITE) {
            throw new IllegalArgumentException("training at the site protects records or subjects, not whole sites");
        }
        if (expectedBatch < 1 || stepsPerRound < 1 || recordsPerSubject < 1 || rowsAtOnce < recordsPerSubject) {
            throw new IllegalArgumentException("expected counts of at least 1 and as many rows at once as records of a"
                    + " subject, got batch " + expectedBatch + ", steps " + stepsPerRound + ", records "
                    + recordsPerSubject + ", rows " + rowsAtOnce);
        }
        if (clipping instanceof Clipping.Adaptive adaptive && !(2 * adaptive.countNoise() > noise.value())) {
            throw new IllegalArgumentException("the count of clipped units needs noise above half the noise multiplier "
                    + noise.value() + ", got " + adaptive.countNoise() + ": nothing would be left for the gradients");
        }
    }

    /** The noise multiplier of the gradients alone: what is left when the count has been paid. */
    NoiseMultiplier gradientNoise() {
        if (!(clipping instanceof Clipping.Adaptive adaptive)) {
            return noise;
        }
        double count = 2 * adaptive.countNoise();
        return new NoiseMultiplier(1 / Math.sqrt(1 / (noise.value() * noise.value()) - 1 / (count * count)));
    }

    /** Units that a site is taken to have wherever a number leaves it: public, and the same for all sites. */
    public long nominalUnits() {
        return Math.max(1, Math.round(expectedBatch / rate.value()));
    }

    /** What one step releases, as an accountant reads it; neighbours differ by one unit more or less. */
    private Mechanism step() {
        return new Mechanism.PoissonSampled(rate, new Mechanism.Gaussian(noise));
    }

    private StatisticalDistance distance(long steps) {
        return new StatisticalDistance(STEP_DISTANCE).times(steps);
    }

    /**
     * One round of training, as a ledger debits it.
     *
     * @param what for people, such as {@code training round 3}
     */
    public Release release(String what) {
        return new Release(what, unit, step(), stepsPerRound, distance(stepsPerRound));
    }

    /**
     * The epsilon of training in so many rounds, at {@link #delta}.
     *
     * @param rounds in which the site trained, at least 1
     */
    public Epsilon epsilon(int rounds) {
        long steps = (long) stepsPerRound * rounds;
        return PrivacyLoss.of(Composition.under(NEIGHBOURS).and(step(), steps), distance(steps), delta);
    }

    /** The least noise, to about a ten-thousandth, with which {@code steps} steps stay within a target. */
    static NoiseMultiplier calibrated(Epsilon target, Delta delta, SamplingRate rate, long steps) {
        NoiseMultiplier least = new Calibration(new PldAccountant(), NEIGHBOURS, target, PrivacyLoss.accounted(delta))
                .noise(rate, steps);
        if (least.value() > MOST_NOISE) {
            throw new IllegalArgumentException("no noise multiplier up to " + MOST_NOISE + " keeps " + steps
                    + " steps at sampling rate " + rate.value() + " within epsilon " + target.value()
                    + "; ask for fewer steps or a larger epsilon");
        }
        return least;
    }
}
