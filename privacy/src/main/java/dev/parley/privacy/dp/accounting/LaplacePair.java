package dev.parley.privacy.dp.accounting;

/**
 * A Laplace step of unit shift in which one unit takes part with some probability. Outside the shift the loss is constant, so
 * there are an atom at each end and a continuous stretch between.
 *
 * @param scale of the noise over the shift
 * @param rate probability of taking part
 * @param removal whether the first dataset has the unit; else the second has it
 */
record LaplacePair(double scale, double rate, boolean removal) implements LossPair {
    private double lowest() {
        return removal ? GaussianPair.logMixture(rate, -1 / scale) : -GaussianPair.logMixture(rate, 1 / scale);
    }

    private double highest() {
        return removal ? GaussianPair.logMixture(rate, 1 / scale) : -GaussianPair.logMixture(rate, -1 / scale);
    }

    private double lowestMass() {
        double far = 0.5 * Math.exp(-1 / scale);
        return removal ? 0.5 * (1 - rate) + rate * far : far;
    }

    private double highestMass() {
        double far = 0.5 * Math.exp(-1 / scale);
        return removal ? (1 - rate) * far + 0.5 * rate : 0.5;
    }

    @Override
    public LossAtoms atoms(Resolution resolution, Bound bound) {
        var atoms = new LossAtoms.Builder();
        if (bound == Bound.LOWER) {
            atoms.add(lowest(), lowestMass());
        }
        new PanelSweep(resolution, bound, atoms).add(new Middle(this), lowestMass());
        atoms.add(highest(), highestMass());
        return atoms.build(0);
    }

    @Override
    public LossAtoms sketch() {
        var atoms = new LossAtoms.Builder();
        atoms.add(lowest(), lowestMass());
        PanelSweep.addNodes(new Middle(this), atoms);
        atoms.add(highest(), highestMass());
        return atoms.build(0);
    }

    @Override
    public double lattice() {
        return rate == 1 ? 1 / scale : 0;
    }

    @Override
    public double logMoment(double order) {
        double middle = PanelSweep.logMoment(new Middle(this), order);
        return LogSum.of(
                Math.log(lowestMass()) + order * lowest(), middle, Math.log(highestMass()) + order * highest());
    }

    private record Middle(LaplacePair pair) implements PanelSweep.Stretch {
        @Override
        public double from() {
            return 0;
        }

        @Override
        public double to() {
            return 1;
        }

        @Override
        public double longestStep() {
            return Math.min(1.0 / 64, pair.scale / 16);
        }

        @Override
        public double unit() {
            return Math.min(1, pair.scale);
        }

        /** At position x between the two means, the second dataset's being at 0 when a unit is removed. */
        @Override
        public double logDensity(double x) {
            double density = -Math.log(2 * pair.scale);
            return pair.removal
                    ? density - x / pair.scale + GaussianPair.logMixture(pair.rate, (2 * x - 1) / pair.scale)
                    : density - (1 - x) / pair.scale;
        }

        @Override
        public double loss(double x) {
            return pair.removal
                    ? GaussianPair.logMixture(pair.rate, (2 * x - 1) / pair.scale)
                    : -GaussianPair.logMixture(pair.rate, (1 - 2 * x) / pair.scale);
        }

        @Override
        public double slope(double x) {
            double odds = pair.removal ? (2 * x - 1) / pair.scale : (1 - 2 * x) / pair.scale;
            return 2 / pair.scale * GaussianPair.posterior(pair.rate, odds);
        }
    }
}
