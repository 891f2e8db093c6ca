package dev.parley.privacy.dp.accounting;

/**
 * A pair of discrete distributions, given by its loss atoms.
 *
 * @param exact all atoms but those beyond the cut
 * @param cut probability of the outcomes left out on the side of high loss, at most; counted as infinite loss by an upper
 *     bound
 * @param lattice what every loss is a multiple of, or 0
 */
record AtomPair(LossAtoms exact, double cut, double lattice) implements LossPair {
    private static final int SKETCHED = 2048;

    @Override
    public LossAtoms atoms(Resolution resolution, Bound bound) {
        return bound == Bound.UPPER
                ? new LossAtoms(exact.losses(), exact.masses(), Math.min(1, exact.infinite() + cut))
                : exact;
    }

    @Override
    public LossAtoms sketch() {
        int group = Math.ceilDiv(exact.size(), SKETCHED);
        var atoms = new LossAtoms.Builder();
        for (int from = 0; from < exact.size(); from += group) {
            int to = Math.min(exact.size(), from + group);
            double mass = 0;
            for (int i = from; i < to; i++) {
                mass += exact.masses()[i];
            }
            atoms.add(0.5 * (exact.losses()[from] + exact.losses()[to - 1]), mass);
        }
        return atoms.build(exact.infinite());
    }

    @Override
    public double logMoment(double order) {
        return exact.infinite() > 0 ? Double.POSITIVE_INFINITY : exact.logMoment(order);
    }
}
