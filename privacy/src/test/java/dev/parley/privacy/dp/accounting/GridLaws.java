package dev.parley.privacy.dp.accounting;

import java.util.List;

/** Laws on grids without the accountant around them, and one that is rounded wrongly. */
final class GridLaws {
    private GridLaws() {}

    static LawPlan plan(LossPair pair, long count, double delta) {
        return new DirectedComposition(List.of(pair), List.of(count)).forDelta(delta);
    }

    static LawPlan planAtZero(LossPair pair, long count) {
        return new DirectedComposition(List.of(pair), List.of(count)).forEpsilon(0);
    }

    static double epsilonOfAtoms(double[] losses, double[] masses, long count, double delta) {
        LossPair pair = new AtomPair(new LossAtoms(losses, masses, 0), 0, 0);
        return plan(pair, count, delta).law(Bound.UPPER).epsilon(delta);
    }

    /** Randomised response with every loss rounded towards zero: too optimistic for an upper bound. */
    static double roundedDown(double epsilon0, long count, double width, double delta) {
        double rounded = Math.floor(epsilon0 / width) * width;
        double stay = 1 / (1 + Math.exp(-epsilon0));
        return epsilonOfAtoms(new double[] {-rounded, rounded}, new double[] {1 - stay, stay}, count, delta);
    }
}
