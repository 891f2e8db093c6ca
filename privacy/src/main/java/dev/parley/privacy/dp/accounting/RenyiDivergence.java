package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NeighbouringRelation.AddOrRemoveOne;
import dev.parley.privacy.dp.NeighbouringRelation.ReplaceOne;
import java.util.List;

/** The largest Rényi divergence of a mechanism's outputs on neighbours (Mironov 2017), by order. */
final class RenyiDivergence {
    private RenyiDivergence() {}

    /**
     * @param order greater than 1
     * @return in nats; infinite if some outcome tells all
     * @throws NoAnalysisException if none is known for the relation
     */
    static double of(Mechanism mechanism, NeighbouringRelation relation, double order) {
        double units = switch (relation) {
            case AddOrRemoveOne one -> 1;
            case ReplaceOne one -> 2;
        };
        return switch (mechanism) {
            case Mechanism.Gaussian it -> gaussian(it.noise().value() / units, order);
            case Mechanism.MatrixFactorisation it ->
                gaussian(it.noise().value() / (units * it.strategySensitivity()), order);
            // Canonne, Kamath and Steinke 2020, theorem 4: no worse than continuous noise.
            case Mechanism.DiscreteGaussian it -> gaussian(it.sigma() / (units * it.sensitivity()), order);
            case Mechanism.Skellam it ->
                DistributedNoise.skellam(units * it.sensitivity(), units * it.sensitivity(), it.variance(), order);
            case Mechanism.Distributed it -> it.noise().divergence(relation, order);
            case Mechanism.ZeroConcentrated it -> it.rho() * order;
            case Mechanism.Laplace it -> byPairs(it, relation, order);
            case Mechanism.DiscreteLaplace it -> byPairs(it, relation, order);
            case Mechanism.PoissonSampled it -> sampled(it, relation, order);
            case Mechanism.FixedSizeSampled it -> byPairs(it, relation, order);
            case Mechanism.Stated it -> byPairs(it, relation, order);
        };
    }

    private static double sampled(Mechanism.PoissonSampled it, NeighbouringRelation relation, double order) {
        boolean binomial = it.rate().value() < 1 && order == Math.rint(order) && relation instanceof AddOrRemoveOne;
        return binomial && it.step() instanceof Mechanism.Gaussian step
                ? poissonGaussian(it.rate().value(), step.noise().value(), order)
                : byPairs(it, relation, order);
    }

    /** A dominating pair dominates in every divergence that is an average of hockey-stick divergences; Rényi's is. */
    private static double byPairs(Mechanism mechanism, NeighbouringRelation relation, double order) {
        List<LossPair> pairs = DominatingPairs.of(mechanism, relation);
        double largest = 0;
        for (LossPair pair : pairs) {
            largest = Math.max(largest, pair.logMoment(order - 1) / (order - 1));
        }
        return largest;
    }

    static double gaussian(double sigma, double order) {
        return order / (2 * sigma * sigma);
    }

    /**
     * Poisson-sampled Gaussian noise at an integer order: the binomial sum of Mironov, Talwar and Zhang 2019, section 3.3, all
     * of whose terms are positive.
     */
    static double poissonGaussian(double rate, double sigma, double order) {
        int alpha = (int) order;
        double[] terms = new double[alpha + 1];
        double logCoefficient = 0;
        double logOdds = Math.log(rate) - Math.log1p(-rate);
        for (int i = 0; i <= alpha; i++) {
            terms[i] = logCoefficient
                    + i * logOdds
                    + alpha * Math.log1p(-rate)
                    + (double) i * (i - 1) / (2 * sigma * sigma);
            logCoefficient += Math.log((double) (alpha - i) / (i + 1));
        }
        return Math.max(0, LogSum.of(terms)) / (order - 1);
    }
}
