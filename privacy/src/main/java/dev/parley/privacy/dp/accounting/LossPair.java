package dev.parley.privacy.dp.accounting;

/**
 * Two distributions that are at least as far apart as a mechanism's outputs on any two neighbours, at every epsilon: a
 * dominating pair (Zhu, Dong and Wang 2022, definition 7). Its privacy loss is the log of the first's density over the
 * second's, distributed as under the first.
 */
interface LossPair {
    /** The loss distribution as atoms that stay on one side of it. */
    LossAtoms atoms(Resolution resolution, Bound bound);

    /**
     * log of the expectation of e^(order * loss) under the first distribution; order times the Rényi divergence of order
     * {@code order + 1}, computed by quadrature or in closed form. Infinite where the loss can be infinite.
     *
     * @param order greater than 0
     */
    double logMoment(double order);

    /**
     * About a thousand atoms by which moments of any order can be estimated in microseconds, good to some per cent: they
     * steer, nothing is claimed by them.
     */
    LossAtoms sketch();

    /** What all atoms' losses are multiples of, or 0 if there is no such number. */
    default double lattice() {
        return 0;
    }

    /**
     * How finely to cut a continuous loss.
     *
     * @param width of the grid that the atoms are meant for, in nats
     * @param tilt the law's tilt: what counts is the mass times e^(tilt * loss)
     * @param logScale log of the tilted total
     * @param tail probability that may be cut off and counted as infinite loss
     */
    record Resolution(double width, double tilt, double logScale, double tail) {
        /** Fractions of a width by which a cell may span, where it matters most and where it matters least. */
        private static final double FINEST = 0.5;

        private static final double COARSEST = 200;

        /**
         * How much loss one panel may span, so that all panels together add less spread than the grid does.
         *
         * @param logMass log of the probability in a standard unit around the panel
         * @param loss about there
         */
        double span(double logMass, double loss) {
            double spread = 0.3 * Math.exp(-0.5 * (logMass + tilt * loss - logScale));
            return width * Math.clamp(spread, FINEST, COARSEST);
        }
    }
}
