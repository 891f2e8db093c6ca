package dev.parley.privacy.dp.accounting;

/**
 * Turns a continuous stretch, on which the loss rises, into atoms: panel by panel, with Gauss-Legendre quadrature of
 * positive integrands only, so that tails keep their relative accuracy and no mass is the difference of two others.
 *
 * <p>For an upper bound a panel's mass is split between the losses at its two ends so that its probability under both
 * datasets is kept; for a lower bound it is gathered at the panel's common loss.
 */
final class PanelSweep {
    /** One stretch. Panels shorter than {@code longestStep} are integrated to about 1e-15 of their mass. */
    interface Stretch {
        double from();

        double to();

        double longestStep();

        /** What a panel's mass is compared with: probability in this length. */
        double unit();

        /** log density under the first dataset. */
        double logDensity(double x);

        /** log density ratio of first to second dataset: not falling in x. */
        double loss(double x);

        /** Derivative of the loss. */
        double slope(double x);
    }

    // Gauss-Legendre on [-1, 1] with four nodes (Abramowitz and Stegun, table 25.4).
    private static final double[] NODES = {
        -0.861136311594052575, -0.339981043584856265, 0.339981043584856265, 0.861136311594052575
    };
    private static final double[] WEIGHTS = {
        0.347854845137453857, 0.652145154862546143, 0.652145154862546143, 0.347854845137453857
    };

    /** Panels of a moment's quadrature in one longest step: the integrand is steeper than the density. */
    private static final int MOMENT_FINENESS = 4;

    private final LossPair.Resolution resolution;
    private final Bound bound;
    private final LossAtoms.Builder atoms;
    private final double[] losses = new double[NODES.length];
    private final double[] shares = new double[NODES.length];

    PanelSweep(LossPair.Resolution resolution, Bound bound, LossAtoms.Builder atoms) {
        this.resolution = resolution;
        this.bound = bound;
        this.atoms = atoms;
    }

    /** Adds the stretch's atoms; {@code below} and {@code above} are masses beyond its ends, for an upper bound. */
    void add(Stretch stretch, double below) {
        double x = stretch.from();
        double loss = stretch.loss(x);
        double carried = bound == Bound.UPPER ? below : 0;
        while (x < stretch.to()) {
            double logMass = stretch.logDensity(x) + Math.log(stretch.unit());
            double step = Math.min(stretch.longestStep(), resolution.span(logMass, loss) / stretch.slope(x));
            double next = Math.min(stretch.to(), x + step);
            if (next <= x) {
                next = Math.nextUp(x);
            }
            double nextLoss = Math.max(loss, stretch.loss(next));
            carried = panel(stretch, x, next, loss, nextLoss, carried);
            x = next;
            loss = nextLoss;
        }
        atoms.add(loss, carried);
    }

    /** log of the integral of the density times e^(order * loss) over a stretch. */
    static double logMoment(Stretch stretch, double order) {
        double most = Double.NEGATIVE_INFINITY;
        double sum = 0;
        int panels = (int) Math.ceil(MOMENT_FINENESS * (stretch.to() - stretch.from()) / stretch.longestStep());
        double half = 0.5 * (stretch.to() - stretch.from()) / panels;
        for (int panel = 0; panel < panels; panel++) {
            double middle = stretch.from() + half * (2 * panel + 1);
            for (int k = 0; k < NODES.length; k++) {
                double x = middle + half * NODES[k];
                double term = stretch.logDensity(x) + order * stretch.loss(x);
                if (term > most) {
                    sum = sum * Math.exp(most - term) + WEIGHTS[k];
                    most = term;
                } else {
                    sum += WEIGHTS[k] * Math.exp(term - most);
                }
            }
        }
        return most + Math.log(half * sum);
    }

    /** Adds a stretch's quadrature nodes as atoms: good for moments, no bound on anything. */
    static void addNodes(Stretch stretch, LossAtoms.Builder atoms) {
        int panels = (int) Math.ceil((stretch.to() - stretch.from()) / stretch.longestStep());
        double half = 0.5 * (stretch.to() - stretch.from()) / panels;
        for (int panel = 0; panel < panels; panel++) {
            double middle = stretch.from() + half * (2 * panel + 1);
            for (int k = 0; k < NODES.length; k++) {
                double x = middle + half * NODES[k];
                atoms.add(stretch.loss(x), half * WEIGHTS[k] * Math.exp(stretch.logDensity(x)));
            }
        }
    }

    /** Adds the atom at the panel's lower end, or its only one; returns what falls on its upper end. */
    private double panel(Stretch stretch, double from, double to, double low, double high, double carried) {
        double half = 0.5 * (to - from);
        double middle = from + half;
        double mass = 0;
        for (int k = 0; k < NODES.length; k++) {
            double x = middle + half * NODES[k];
            losses[k] = Math.clamp(stretch.loss(x), low, high);
            shares[k] = half * WEIGHTS[k] * Math.exp(stretch.logDensity(x));
            mass += shares[k];
        }
        if (bound == Bound.LOWER) {
            double second = 0;
            for (int k = 0; k < NODES.length; k++) {
                second += shares[k] * Math.expm1(low - losses[k]);
            }
            atoms.add(mass > 0 ? low - Math.log1p(second / mass) : low, mass);
            return 0;
        }
        double cell = -Math.expm1(low - high);
        double upper = 0;
        for (int k = 0; k < NODES.length; k++) {
            upper += cell > 0 ? shares[k] * Math.min(1, -Math.expm1(low - losses[k]) / cell) : shares[k];
        }
        atoms.add(low, carried + Math.max(0, mass - upper));
        return upper;
    }
}
