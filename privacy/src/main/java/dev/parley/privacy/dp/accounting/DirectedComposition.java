package dev.parley.privacy.dp.accounting;

import java.util.List;

/**
 * A composition seen in one direction, from a dataset to a neighbour.
 *
 * @param pairs one for each kind of release
 * @param counts how often each is made
 */
record DirectedComposition(List<LossPair> pairs, List<Long> counts) {
    /**
     * Least and largest tilt considered, and the factor between two of the first scan. Beyond the largest, one grid cell would
     * change a tilted mass by more than e^10.
     */
    private static final double LEAST_TILT = 1e-3;

    private static final double LARGEST_TILT = 1e5;
    private static final double TILT_FACTOR = 1.6;

    /** Steps of the golden section after it: the tilt is found to about a hundredth. */
    private static final int SECTIONS = 12;

    private static final double GOLDEN = 0.5 * (Math.sqrt(5) - 1);

    DirectedComposition {
        pairs = List.copyOf(pairs);
        counts = List.copyOf(counts);
    }

    /** How to compute the law where it decides the epsilon of a delta. */
    LawPlan forDelta(double delta) {
        List<LossAtoms> sketches = sketches();
        // What may be told outright is told; the rest of delta is for finite losses.
        double left = delta;
        for (int i = 0; i < sketches.size(); i++) {
            left -= counts.get(i) * sketches.get(i).infinite();
        }
        double finite = Math.max(left, 1e-3 * delta);
        double tilt = least(order -> epsilonBound(order, moment(sketches, order), finite));
        double estimate = Math.max(0, epsilonBound(tilt, moment(sketches, tilt), finite));
        return new LawPlan(this, sketches, tilt, estimate, finite);
    }

    /** How to compute the law where it decides the delta of an epsilon. */
    LawPlan forEpsilon(double epsilon) {
        List<LossAtoms> sketches = sketches();
        double tilt = least(order -> moment(sketches, order) - order * epsilon);
        double logDelta = Math.min(0, moment(sketches, tilt) - tilt * epsilon);
        // Chernoff's bound is some hundred times too large; errors are measured against a still smaller delta.
        return new LawPlan(this, sketches, tilt, epsilon, Math.max(1e-300, 1e-4 * Math.exp(logDelta)));
    }

    private List<LossAtoms> sketches() {
        return pairs.stream().map(LossPair::sketch).toList();
    }

    private double moment(List<LossAtoms> sketches, double order) {
        double sum = 0;
        for (int i = 0; i < sketches.size(); i++) {
            sum += counts.get(i) * sketches.get(i).logMoment(order);
        }
        return sum;
    }

    /** Canonne, Kamath and Steinke 2020, proposition 12, of a moment of order alpha - 1. */
    private static double epsilonBound(double tilt, double moment, double delta) {
        return moment / tilt + Math.log1p(-1 / (tilt + 1)) - (Math.log(delta) + Math.log1p(tilt)) / tilt;
    }

    /** Where a function of the tilt with one valley is about least. */
    private static double least(java.util.function.DoubleUnaryOperator value) {
        double best = LEAST_TILT;
        double lowest = Double.POSITIVE_INFINITY;
        int worse = 0;
        for (double tilt = LEAST_TILT; tilt < LARGEST_TILT && worse < 4; tilt *= TILT_FACTOR) {
            double here = value.applyAsDouble(tilt);
            if (here < lowest) {
                lowest = here;
                best = tilt;
                worse = 0;
            } else {
                worse++;
            }
        }
        double low = Math.log(best / TILT_FACTOR);
        double high = Math.log(best * TILT_FACTOR);
        for (int i = 0; i < SECTIONS; i++) {
            double left = high - GOLDEN * (high - low);
            double right = low + GOLDEN * (high - low);
            if (value.applyAsDouble(Math.exp(left)) < value.applyAsDouble(Math.exp(right))) {
                high = right;
            } else {
                low = left;
            }
        }
        return Math.exp(0.5 * (low + high));
    }
}
