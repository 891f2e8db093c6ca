package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NeighbouringRelation.AddOrRemoveOne;
import dev.parley.privacy.dp.NeighbouringRelation.ReplaceOne;
import java.util.List;

/**
 * The dominating pairs of each mechanism: one if swapping the neighbours gives the same loss, else that of removing a unit
 * and that of adding one.
 */
final class DominatingPairs {
    private DominatingPairs() {}

    static List<LossPair> of(Mechanism mechanism, NeighbouringRelation relation) {
        // Replacing is removing one and adding another: the sum moves by up to twice the sensitivity.
        int units = switch (relation) {
            case AddOrRemoveOne one -> 1;
            case ReplaceOne one -> 2;
        };
        return switch (mechanism) {
            case Mechanism.Gaussian it -> List.of(GaussianPair.remove(it.noise().value() / units, 1));
            case Mechanism.MatrixFactorisation it ->
                List.of(GaussianPair.remove(it.noise().value() / (units * it.strategySensitivity()), 1));
            case Mechanism.Laplace it -> List.of(new LaplacePair(it.scale() / units, 1, true));
            case Mechanism.DiscreteLaplace it -> List.of(DiscreteNoise.laplace(it.scale(), units * it.sensitivity()));
            case Mechanism.DiscreteGaussian it -> List.of(DiscreteNoise.gaussian(it.sigma(), units * it.sensitivity()));
            case Mechanism.Skellam it -> List.of(DiscreteNoise.skellam(it.variance(), units * it.sensitivity()));
            case Mechanism.PoissonSampled it -> sampled(it, relation);
            case Mechanism.FixedSizeSampled it -> List.of(fixedSize(it, relation));
            case Mechanism.Stated it ->
                List.of(DiscreteNoise.stated(it.epsilon().value(), it.delta().value()));
            case Mechanism.Distributed it ->
                throw new NoAnalysisException(
                        "the sum of many sites' discrete noise has no privacy loss distribution that is known exactly; take the"
                                + " rdp accountant");
            case Mechanism.ZeroConcentrated it ->
                throw new NoAnalysisException(
                        "of a zero-concentrated release only the Rényi divergence is known; take the rdp accountant, or"
                                + " describe the mechanism itself");
        };
    }

    private static List<LossPair> sampled(Mechanism.PoissonSampled it, NeighbouringRelation relation) {
        double rate = it.rate().value();
        if (rate == 1) {
            return of(it.step(), relation);
        }
        return switch (it.step()) {
            case Mechanism.Gaussian step ->
                switch (relation) {
                    case AddOrRemoveOne one ->
                        List.of(
                                GaussianPair.remove(step.noise().value(), rate),
                                GaussianPair.add(step.noise().value(), rate));
                    case ReplaceOne one ->
                        List.of(GaussianPair.replace(step.noise().value(), rate));
                };
            case Mechanism.Laplace step ->
                switch (relation) {
                    case AddOrRemoveOne one ->
                        List.of(new LaplacePair(step.scale(), rate, true), new LaplacePair(step.scale(), rate, false));
                    case ReplaceOne one ->
                        throw new NoAnalysisException(
                                "Poisson-sampled Laplace noise has no analysis for replaced units here; account it for added or removed"
                                        + " units, or take Gaussian noise");
                };
        };
    }

    private static LossPair fixedSize(Mechanism.FixedSizeSampled it, NeighbouringRelation relation) {
        double sigma = it.noise().value() / 2;
        return switch (relation) {
            case AddOrRemoveOne one ->
                throw new NoAnalysisException(
                        "batches of fixed size have an analysis only for replaced units: adding or removing one changes every"
                                + " unit's chance to be drawn; account them with --neighbours replace, or sample by Poisson");
            case ReplaceOne one ->
                it.batch() == it.population()
                        ? GaussianPair.remove(sigma, 1)
                        : new WithoutReplacementPair(sigma, (double) it.batch() / it.population());
        };
    }
}
