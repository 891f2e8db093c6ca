package dev.parley.privacy.dp.accounting;

import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/** Loss atoms of integer noise shifted by its sensitivity. */
final class DiscreteNoise {
    /** Deviations of a table to either side: less than 1e-42 of a Gaussian is beyond. */
    private static final double DEVIATIONS = 14;

    /** Further entries of a Skellam table, whose tail is a Poisson's where the variance is small. */
    private static final int POISSON_ENTRIES = 80;

    /** Largest sigma with a table, of some 3 million entries. */
    private static final double LARGEST_SIGMA = 1e5;

    private DiscreteNoise() {}

    static LossPair gaussian(double sigma, int shift) {
        requireTable("discrete Gaussian", sigma);
        int reach = (int) Math.ceil(DEVIATIONS * sigma) + 2;
        double inverse = 1 / (2 * sigma * sigma);
        double norm = 1;
        for (int k = 1; k <= reach; k++) {
            norm += 2 * Math.exp(-inverse * k * k);
        }
        double logNorm = Math.log(norm);
        return symmetric(
                k -> -inverse * k * (double) k - logNorm,
                x -> inverse * shift * (2 * x - shift),
                reach,
                shift,
                inverse * shift);
    }

    static LossPair skellam(double variance, int shift) {
        requireTable("Skellam", Math.sqrt(variance));
        int entries = (int) Math.ceil(DEVIATIONS * Math.sqrt(variance)) + POISSON_ENTRIES + shift;
        // log mass at k over that at 0, from ratios of Bessel functions I_k / I_(k-1), which the backward recurrence
        // makes stable (Gautschi 1967).
        double[] ratios = new double[entries + 1];
        double ratio = 0;
        for (int k = entries + POISSON_ENTRIES; k >= 1; k--) {
            ratio = 1 / (2.0 * k / variance + ratio);
            if (k <= entries) {
                ratios[k] = ratio;
            }
        }
        double[] logMass = new double[entries + 1];
        double norm = 1;
        for (int k = 1; k <= entries; k++) {
            logMass[k] = logMass[k - 1] + Math.log(ratios[k]);
            norm += 2 * Math.exp(logMass[k]);
        }
        double logNorm = Math.log(norm);
        return symmetric(
                k -> logMass[k] - logNorm,
                x -> logMass[(int) Math.abs(x - shift)] - logMass[(int) Math.abs(x)],
                entries - shift,
                shift,
                0);
    }

    private static void requireTable(String noise, double sigma) {
        if (sigma > LARGEST_SIGMA) {
            throw new NoAnalysisException(
                    "a privacy loss distribution of " + noise + " noise is tabulated up to sigma 1e5, got " + sigma
                            + "; take the rdp accountant, or describe the release as zero-concentrated");
        }
    }

    /** First dataset's noise is centred at the shift, the second's at 0. */
    private static LossPair symmetric(
            IntToDoubleFunction logMass, DoubleUnaryOperator loss, int reach, int shift, double lattice) {
        var atoms = new LossAtoms.Builder();
        double edge = Math.exp(logMass.applyAsDouble(reach));
        double ratio = Math.exp(logMass.applyAsDouble(reach) - logMass.applyAsDouble(reach - 1));
        // Log-concave: beyond the edge masses fall at least geometrically.
        double cut = edge * ratio / (1 - ratio);
        for (int k = -reach; k <= reach; k++) {
            double mass = Math.exp(logMass.applyAsDouble(Math.abs(k)));
            atoms.add(loss.applyAsDouble((double) shift + k), k == -reach ? mass + cut : mass);
        }
        return new AtomPair(atoms.build(0), cut, lattice);
    }

    static LossPair laplace(double scale, int shift) {
        double fade = Math.exp(-1 / scale);
        var atoms = new LossAtoms.Builder();
        atoms.add(-shift / scale, Math.exp(-shift / scale) / (1 + fade));
        for (int x = 1; x < shift; x++) {
            double mass = -Math.expm1(-1 / scale) / (1 + fade) * Math.exp((x - shift) / scale);
            atoms.add((2.0 * x - shift) / scale, mass);
        }
        atoms.add(shift / scale, 1 / (1 + fade));
        return new AtomPair(atoms.build(0), 0, 1 / scale);
    }

    /** Randomised response with a chance of telling all: what every mechanism of that epsilon and delta is no worse than. */
    static LossPair stated(double epsilon, double delta) {
        var atoms = new LossAtoms.Builder();
        if (epsilon == 0) {
            atoms.add(0, 1 - delta);
        } else {
            // Kairouz, Oh and Viswanath 2015, theorem 3.1.
            atoms.add(-epsilon, (1 - delta) * Math.exp(-epsilon) / (1 + Math.exp(-epsilon)));
            atoms.add(epsilon, (1 - delta) / (1 + Math.exp(-epsilon)));
        }
        return new AtomPair(atoms.build(delta), 0, epsilon);
    }
}
