package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation.AddOrRemoveOne;
import dev.parley.privacy.dp.NeighbouringRelation.ReplaceOne;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Accounting by privacy loss distributions: bounds from both sides, some 1e-5 apart. {@link LossLaw} says how they are kept.
 *
 * <p>Gaussian releases without sampling are added up in closed form first; alone they need nothing else.
 */
public final class PldAccountant implements Accountant {
    /** Rounding of the closed form, relative; far above what its functions are accurate to. */
    private static final double CLOSED_FORM_SLACK = 1e-10;

    /** Distance of the bounds up to an epsilon of 100 above which finer grids are tried. */
    private static final double GAP = 1e-4;

    @Override
    public EpsilonBounds bounds(Composition composition, Delta delta) {
        Accountant.requirePositive(delta);
        Parts parts = Parts.of(composition);
        if (parts.directions.isEmpty()) {
            double exact = parts.closedForm(sigma -> AnalyticGaussian.epsilon(sigma, delta.value()));
            return new EpsilonBounds(
                    new Epsilon(exact * (1 - CLOSED_FORM_SLACK)), new Epsilon(exact * (1 + CLOSED_FORM_SLACK)));
        }
        List<LawPlan> plans = parts.plans(delta);
        EpsilonBounds bounds = bounds(plans, delta);
        double wished = GAP * Math.max(1, bounds.upper().value() / 100);
        double gap = bounds.upper().value() - bounds.lower().value();
        if (gap > wished && bounds.upper().isBounded()) {
            LawPlan finer = plans.getFirst().refined(0.7 * wished / gap);
            if (finer != plans.getFirst()) {
                var again = new ArrayList<LawPlan>(List.of(finer));
                again.addAll(plans.subList(1, plans.size()));
                return bounds(again, delta);
            }
        }
        return bounds;
    }

    private static EpsilonBounds bounds(List<LawPlan> plans, Delta delta) {
        // Independent, so side by side.
        double[] found = IntStream.of(1, 0)
                .parallel()
                .mapToDouble(upper -> upper == 1
                        ? largest(plans, delta)
                        : plans.getFirst().law(Bound.LOWER).epsilon(delta.value()))
                .toArray();
        return new EpsilonBounds(new Epsilon(Math.min(found[1], found[0])), new Epsilon(found[0]));
    }

    @Override
    public Epsilon epsilon(Composition composition, Delta delta) {
        Accountant.requirePositive(delta);
        Parts parts = Parts.of(composition);
        if (parts.directions.isEmpty()) {
            return new Epsilon((1 + CLOSED_FORM_SLACK)
                    * parts.closedForm(sigma -> AnalyticGaussian.epsilon(sigma, delta.value())));
        }
        return new Epsilon(largest(parts.plans(delta), delta));
    }

    /** The upper bound over all directions, the worst of which comes first and is alone computed with care. */
    private static double largest(List<LawPlan> plans, Delta delta) {
        LawPlan worst = plans.getFirst();
        double largest = worst.law(Bound.UPPER).epsilon(delta.value());
        for (LawPlan plan : plans.subList(1, plans.size())) {
            double loose = plan.besides(worst).law(Bound.UPPER).epsilon(delta.value());
            if (loose > largest) {
                largest = Math.max(largest, plan.law(Bound.UPPER).epsilon(delta.value()));
            }
        }
        return largest;
    }

    @Override
    public Delta delta(Composition composition, Epsilon epsilon) {
        Parts parts = Parts.of(composition);
        if (parts.directions.isEmpty()) {
            double exact = parts.closedForm(sigma -> AnalyticGaussian.delta(sigma, epsilon.value()));
            return new Delta(Math.min(1, exact * (1 + CLOSED_FORM_SLACK)));
        }
        return new Delta(parts.directions.parallelStream()
                .mapToDouble(
                        it -> it.forEpsilon(epsilon.value()).law(Bound.UPPER).delta(epsilon.value()))
                .max()
                .orElseThrow());
    }

    /**
     * A composition by direction, with all unsampled Gaussian noise as one release.
     *
     * @param precision sum of 1 / sigma^2 over unsampled Gaussian releases; 0 if there is none
     * @param directions empty if there is nothing else
     */
    private record Parts(double precision, List<DirectedComposition> directions) {
        static Parts of(Composition composition) {
            double units = switch (composition.relation()) {
                case AddOrRemoveOne one -> 1;
                case ReplaceOne one -> 2;
            };
            double precision = 0;
            var releases = new ArrayList<List<LossPair>>();
            var counts = new ArrayList<Long>();
            for (Map.Entry<Mechanism, Long> entry : composition.counts().entrySet()) {
                double sigma = gaussianSigma(entry.getKey());
                if (sigma > 0) {
                    precision += entry.getValue() * (units / sigma) * (units / sigma);
                } else {
                    releases.add(DominatingPairs.of(entry.getKey(), composition.relation()));
                    counts.add(entry.getValue());
                }
            }
            if (releases.isEmpty()) {
                return new Parts(precision, List.of());
            }
            if (precision > 0) {
                releases.add(List.of(GaussianPair.remove(1 / Math.sqrt(precision), 1)));
                counts.add(1L);
            }
            int directions = releases.stream().mapToInt(List::size).max().orElseThrow();
            return new Parts(
                    precision,
                    IntStream.range(0, directions)
                            .mapToObj(direction -> new DirectedComposition(
                                    releases.stream()
                                            .map(pairs -> pairs.get(Math.min(direction, pairs.size() - 1)))
                                            .toList(),
                                    counts))
                            .toList());
        }

        /** The worst direction's plan first. */
        List<LawPlan> plans(Delta delta) {
            return directions.stream()
                    .map(it -> it.forDelta(delta.value()))
                    .sorted(Comparator.comparingDouble(LawPlan::estimate).reversed())
                    .toList();
        }

        private static double gaussianSigma(Mechanism mechanism) {
            return switch (mechanism) {
                case Mechanism.Gaussian it -> it.noise().value();
                case Mechanism.MatrixFactorisation it -> it.noise().value() / it.strategySensitivity();
                case Mechanism.PoissonSampled it -> it.rate().value() == 1 ? gaussianSigma(it.step()) : 0;
                default -> 0;
            };
        }

        /** 0 if nothing is released. */
        double closedForm(DoubleUnaryOperator ofSigma) {
            return precision == 0 ? 0 : ofSigma.applyAsDouble(1 / Math.sqrt(precision));
        }
    }
}
