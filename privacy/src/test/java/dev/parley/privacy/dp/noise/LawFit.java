package dev.parley.privacy.dp.noise;

import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteGaussian;
import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteLaplace;
import dev.parley.privacy.dp.noise.NoiseLaw.Skellam;
import java.util.Arrays;
import java.util.Locale;

/**
 * How far draws are from a law, in standard deviations of each statistic under the law: Pearson's chi-square over cells,
 * the mean, the variance, and Pearson's chi-square over residues. An honest sampler exceeds {@link #MOST} in one of them
 * about once in 10^8 runs; with a fixed seed, never or always.
 */
record LawFit(double cells, double mean, double variance, double residues) {
    static final double MOST = 6;

    private static final int LEAST_EXPECTED = 10;

    /** Cells for one standard deviation of a wide law. */
    private static final int FINENESS = 16;

    /**
     * @param modulus of the residues: the seams of a sampler that is put together from parts show there
     */
    static LawFit of(int[] draws, NoiseLaw law, int modulus) {
        double[] masses = masses(law);
        double variance = 0;
        double fourth = 0;
        for (int x = 1; x < masses.length; x++) {
            variance += 2 * masses[x] * x * x;
            fourth += 2 * masses[x] * x * x * x * x;
        }
        double sum = 0;
        double squares = 0;
        for (int draw : draws) {
            sum += draw;
            squares += (double) draw * draw;
        }
        int n = draws.length;
        return new LawFit(
                cells(draws, masses),
                sum / n / Math.sqrt(variance / n),
                (squares / n - variance) / Math.sqrt((fourth - variance * variance) / n),
                residues(draws, masses, modulus));
    }

    boolean fits() {
        return Math.abs(cells) < MOST
                && Math.abs(mean) < MOST
                && Math.abs(variance) < MOST
                && Math.abs(residues) < MOST;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "cells %.2f, mean %.2f, variance %.2f, residues %.2f standard deviations",
                cells,
                mean,
                variance,
                residues);
    }

    /** P(X = x) = P(X = -x) for x from 0 on, in double, by other formulas than the product's. */
    static double[] masses(NoiseLaw law) {
        int reach = (int) Math.ceil(law.standardDeviation() * (law instanceof DiscreteLaplace ? 40 : 12)) + 30;
        double[] weights = new double[reach];
        switch (law) {
            case DiscreteGaussian gaussian ->
                Arrays.setAll(
                        weights,
                        x -> Math.exp(
                                -(double) x * x / 2 / gaussian.sigmaSquared().approximately()));
            case DiscreteLaplace laplace ->
                Arrays.setAll(weights, x -> Math.exp(-x / laplace.scale().approximately()));
            case Skellam skellam -> bessel(weights, skellam.variance().approximately());
        }
        double total = weights[0];
        for (int x = 1; x < reach; x++) {
            total += 2 * weights[x];
        }
        for (int x = 0; x < reach; x++) {
            weights[x] /= total;
        }
        return weights;
    }

    /** Miller's recurrence downwards, I_(k-1)(v) = I_(k+1)(v) + 2 k / v I_k(v), from nothing, rescaled as it grows. */
    private static void bessel(double[] weights, double v) {
        double above = 0;
        double here = 1e-300;
        for (int k = 2 * weights.length; k >= 1; k--) {
            double below = above + 2 * k / v * here;
            above = here;
            here = below;
            if (k - 1 < weights.length) {
                weights[k - 1] = here;
            }
            if (here > 1e200) {
                above *= 1e-200;
                here *= 1e-200;
                for (int i = k - 1; i < weights.length; i++) {
                    weights[i] *= 1e-200;
                }
            }
        }
    }

    private static double cells(int[] draws, double[] masses) {
        double sigma = 0;
        for (int x = 1; x < masses.length; x++) {
            sigma += 2 * masses[x] * x * x;
        }
        sigma = Math.sqrt(sigma);
        int width = Math.max(1, (int) Math.round(sigma / FINENESS));
        int reach = masses.length / width + 1;
        double[] expected = new double[2 * reach + 1];
        for (int x = -masses.length + 1; x < masses.length; x++) {
            expected[cell(x, width, reach)] += masses[Math.abs(x)] * draws.length;
        }
        long[] counts = new long[expected.length];
        for (int draw : draws) {
            counts[cell(draw, width, reach)]++;
        }
        return deviation(counts, expected);
    }

    private static int cell(int x, int width, int reach) {
        return Math.clamp(Math.floorDiv(x, width) + reach, 0, 2 * reach);
    }

    private static double residues(int[] draws, double[] masses, int modulus) {
        double[] expected = new double[modulus];
        for (int x = -masses.length + 1; x < masses.length; x++) {
            expected[Math.floorMod(x, modulus)] += masses[Math.abs(x)] * draws.length;
        }
        long[] counts = new long[modulus];
        for (int draw : draws) {
            counts[Math.floorMod(draw, modulus)]++;
        }
        return deviation(counts, expected);
    }

    /** Cells with few expected are pooled with those that follow. */
    private static double deviation(long[] counts, double[] expected) {
        double statistic = 0;
        int pools = 0;
        double wanted = 0;
        double got = 0;
        double wantedLeft = Arrays.stream(expected).sum();
        for (int i = 0; i < counts.length; i++) {
            wanted += expected[i];
            got += counts[i];
            wantedLeft -= expected[i];
            boolean last = i == counts.length - 1;
            if (last || wanted >= LEAST_EXPECTED && wantedLeft >= LEAST_EXPECTED) {
                statistic += (got - wanted) * (got - wanted) / wanted;
                pools++;
                wanted = 0;
                got = 0;
            }
        }
        return pools < 2 ? 0 : (statistic - (pools - 1)) / Math.sqrt(2.0 * (pools - 1));
    }
}
