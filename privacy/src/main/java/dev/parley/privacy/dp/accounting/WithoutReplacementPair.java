package dev.parley.privacy.dp.accounting;

/**
 * A Gaussian step over a batch of fixed size, drawn without replacement, for neighbours of which one unit is replaced.
 *
 * <p>Let P and Q be the step's distributions when the batch holds the unit or its replacement: N(1) and N(0) in units of
 * twice the sensitivity. At epsilon of 0 or more the pair {@code (rate P + (1 - rate) Q, Q)} bounds the step, below 0 the
 * pair {@code (P, (1 - rate) P + rate Q)} does (Zhu, Dong and Wang 2022, proposition 30, after Balle, Barthe and Gaboardi 2018,
 * theorem 9). Both meet at 0, where the difference of their slopes is an atom of loss 0.
 *
 * @param sigma standard deviation over twice the sensitivity
 * @param rate batch size over number of units
 */
record WithoutReplacementPair(double sigma, double rate) implements LossPair {
    private static final double LEFT_DEVIATIONS = 10;

    /** Where P and Q are equally likely. */
    private static final double MIDDLE = 0.5;

    @Override
    public LossAtoms atoms(Resolution resolution, Bound bound) {
        var atoms = new LossAtoms.Builder();
        var sweep = new PanelSweep(resolution, bound, atoms);
        GaussianPair present = GaussianPair.remove(sigma, rate);
        double below = 0.5 * Math.exp(-0.5 * LEFT_DEVIATIONS * LEFT_DEVIATIONS);
        sweep.add(new Reversed(sigma, rate, 1 - LEFT_DEVIATIONS * sigma), below);
        atoms.add(0, middleMass());
        double deviations = Math.sqrt(Math.max(1, -2 * Math.log(resolution.tail())));
        sweep.add(present.stretch(MIDDLE, 1 + sigma * deviations), 0);
        return atoms.build(bound == Bound.UPPER ? resolution.tail() : 0);
    }

    @Override
    public LossAtoms sketch() {
        var atoms = new LossAtoms.Builder();
        PanelSweep.addNodes(new Reversed(sigma, rate, 1 - LEFT_DEVIATIONS * sigma), atoms);
        atoms.add(0, middleMass());
        PanelSweep.addNodes(GaussianPair.remove(sigma, rate).stretch(MIDDLE, 1 + 12 * sigma), atoms);
        return atoms.build(0);
    }

    @Override
    public double logMoment(double order) {
        double present =
                PanelSweep.logMoment(GaussianPair.remove(sigma, rate).stretch(MIDDLE, 1 + order + 13 * sigma), order);
        double absent = PanelSweep.logMoment(new Reversed(sigma, rate, 1 - 13 * sigma), order);
        return LogSum.of(present, absent, Math.log(middleMass()));
    }

    private double middleMass() {
        return (1 - rate) * (2 * GaussianTail.below(MIDDLE / sigma) - 1);
    }

    /** The half with negative loss: where Q is likelier than P. */
    private record Reversed(double sigma, double rate, double from) implements PanelSweep.Stretch {
        @Override
        public double to() {
            return MIDDLE;
        }

        @Override
        public double longestStep() {
            return Math.min(sigma / 16, 0.25 * sigma * sigma);
        }

        @Override
        public double unit() {
            return sigma;
        }

        @Override
        public double logDensity(double x) {
            return -0.5 * ((x - 1) / sigma) * ((x - 1) / sigma) - Math.log(sigma) - 0.5 * Math.log(2 * Math.PI);
        }

        @Override
        public double loss(double x) {
            return -GaussianPair.logMixture(rate, oddsAgainst(x));
        }

        @Override
        public double slope(double x) {
            return GaussianPair.posterior(rate, oddsAgainst(x)) / (sigma * sigma);
        }

        private double oddsAgainst(double x) {
            return (1 - 2 * x) / (2 * sigma * sigma);
        }
    }
}
