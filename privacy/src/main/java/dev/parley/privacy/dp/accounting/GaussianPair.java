package dev.parley.privacy.dp.accounting;

/**
 * A Gaussian step of unit shift in which one unit takes part with some probability.
 *
 * @param sigma standard deviation over the shift
 * @param rate probability of taking part
 * @param first whether the first dataset's distribution is the mixture {@code (1 - rate) N(0) + rate N(1)}, else N(0)
 * @param second whether the second's is {@code (1 - rate) N(0) + rate N(-1)}, else N(0)
 */
record GaussianPair(double sigma, double rate, boolean first, boolean second) implements LossPair {
    /** Below this much of the first distribution nothing is integrated: it moves up to the lowest loss kept. */
    private static final double LEFT_DEVIATIONS = 10;

    /** Terms further than this many deviations from an integrand's peak are below 1e-30 of it. */
    private static final double MOMENT_DEVIATIONS = 13;

    private static final double SKETCH_DEVIATIONS = 12;

    /** Removing one unit: the first dataset has it. */
    static GaussianPair remove(double sigma, double rate) {
        return new GaussianPair(sigma, rate, true, false);
    }

    /** Adding one unit: the second dataset has it. */
    static GaussianPair add(double sigma, double rate) {
        return new GaussianPair(sigma, rate, false, true);
    }

    /** Replacing one unit by one that pulls the other way. */
    static GaussianPair replace(double sigma, double rate) {
        return new GaussianPair(sigma, rate, true, true);
    }

    /** log of the mixture's density over N(0)'s, where {@code odds} is the log density ratio of the shifted one. */
    static double logMixture(double rate, double odds) {
        if (rate == 1) {
            return odds;
        }
        return odds < 30
                ? Math.log1p(rate * Math.expm1(odds))
                : odds + Math.log(rate) + Math.log1p((1 - rate) / rate * Math.exp(-odds));
    }

    /** Probability that the unit took part, seen from the mixture: the derivative of {@link #logMixture} by the odds. */
    static double posterior(double rate, double odds) {
        return rate == 1 ? 1 : 1 / (1 + (1 - rate) / rate * Math.exp(-odds));
    }

    private double odds(double x) {
        return (2 * x - 1) / (2 * sigma * sigma);
    }

    double loss(double x) {
        double up = first ? logMixture(rate, odds(x)) : 0;
        return second ? up - logMixture(rate, odds(-x)) : up;
    }

    double logDensity(double x) {
        double base = -0.5 * (x / sigma) * (x / sigma) - Math.log(sigma) - 0.5 * Math.log(2 * Math.PI);
        return first ? base + logMixture(rate, odds(x)) : base;
    }

    private double slope(double x) {
        double up = first ? posterior(rate, odds(x)) : 0;
        return (second ? up + posterior(rate, odds(-x)) : up) / (sigma * sigma);
    }

    @Override
    public LossAtoms atoms(Resolution resolution, Bound bound) {
        double lowestMean = first && rate == 1 ? 1 : 0;
        double from = lowestMean - LEFT_DEVIATIONS * sigma;
        double to = first ? shiftedEnd(resolution.tail()) : sigma * deviations(resolution.tail());
        var atoms = new LossAtoms.Builder();
        // P(Z > z) <= exp(-z^2 / 2) / 2.
        double below = 0.5 * Math.exp(-0.5 * LEFT_DEVIATIONS * LEFT_DEVIATIONS);
        new PanelSweep(resolution, bound, atoms).add(stretch(from, to), below);
        return atoms.build(bound == Bound.UPPER ? resolution.tail() : 0);
    }

    @Override
    public LossAtoms sketch() {
        var atoms = new LossAtoms.Builder();
        PanelSweep.addNodes(stretch(-SKETCH_DEVIATIONS * sigma, 1 + SKETCH_DEVIATIONS * sigma), atoms);
        return atoms.build(0);
    }

    PanelSweep.Stretch stretch(double from, double to) {
        return new GaussianStretch(this, from, to);
    }

    /** z with P(Z > z) at most the tail. */
    private static double deviations(double tail) {
        return Math.sqrt(Math.max(1, -2 * Math.log(2 * tail)));
    }

    /** x beyond which the mixture has at most the tail: half of it from each part. */
    private double shiftedEnd(double tail) {
        double shifted = 1 + sigma * deviations(Math.min(0.3, tail / (2 * rate)));
        return rate == 1 ? shifted : Math.max(shifted, sigma * deviations(tail / 2));
    }

    /**
     * The trapezoidal rule, whose error for an analytic integrand falls exponentially with the step: the integrand
     * has its nearest branch point pi sigma^2 from the real line, so a step of sigma^2 / 2 leaves e^(-4 pi^2).
     */
    @Override
    public double logMoment(double order) {
        double step = Math.min(sigma / 8, 0.5 * sigma * sigma);
        double from = -1 - MOMENT_DEVIATIONS * sigma;
        double to = 1 + (first ? order : 0) + (second ? order : 0) + MOMENT_DEVIATIONS * sigma;
        int points = (int) Math.min(4_000_000, Math.ceil((to - from) / step));
        double[] terms = new double[points + 1];
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i <= points; i++) {
            double x = from + (to - from) * i / points;
            terms[i] = logDensity(x) + order * loss(x);
            most = Math.max(most, terms[i]);
        }
        double sum = 0;
        for (double term : terms) {
            sum += Math.exp(term - most);
        }
        return most + Math.log(sum * (to - from) / points);
    }

    private record GaussianStretch(GaussianPair pair, double from, double to) implements PanelSweep.Stretch {
        @Override
        public double longestStep() {
            return Math.min(pair.sigma / 16, 0.25 * pair.sigma * pair.sigma);
        }

        @Override
        public double unit() {
            return pair.sigma;
        }

        @Override
        public double logDensity(double x) {
            return pair.logDensity(x);
        }

        @Override
        public double loss(double x) {
            return pair.loss(x);
        }

        @Override
        public double slope(double x) {
            return pair.slope(x);
        }
    }
}
