package dev.parley.privacy.dp.accounting;

import java.util.ArrayDeque;
import java.util.List;

/**
 * The tilt, the grids and the windows with which the law of a composition is computed. They are chosen from sketches;
 * whatever they are, the law is a bound, and a good choice makes it a tight one at little cost.
 */
final class LawPlan {
    /** What discretisation may add to an epsilon of 1 to 10. Above that it grows with epsilon, below 1 it falls, to a fiftieth. */
    private static final double SPREAD = 4e-5;

    /** Share of delta that one cut on the right may turn into infinite loss, over all uses of what is cut. */
    private static final double RIGHT_SHARE = 3e-7;

    /** Share of the tilted mass that one cut on the left may move, likewise. */
    private static final double LEFT_SHARE = 1e-9;

    /** Laws longer than this go to a coarser grid, which costs tightness, never soundness. */
    private static final int LONGEST = 1 << 20;

    /** A lattice of losses finer than the last grid by more than this is not worth following. */
    private static final double FINEST_LATTICE = 1.0 / 16;

    /** Share of the distance to a worse direction's estimate that discretisation may use up. */
    private static final double LOOSENESS = 0.25;

    /** Width and share depend on each other; so often one is found from the other. */
    private static final int SHARE_ITERATIONS = 8;

    private final DirectedComposition composition;
    private final double tilt;
    private final double estimate;
    private final double delta;
    private final List<LossAtoms> sketches;
    /** For each release, the log of its tilted total. */
    private final double[] logScales;

    /** For each release, the share of its tilted mass that grids spread. */
    private final double[] shares;

    private final double finestWidth;
    private final int doublings;
    /** What discretisation may add to epsilon. */
    private final double spread;

    private final double budget;

    LawPlan(DirectedComposition composition, List<LossAtoms> sketches, double tilt, double estimate, double delta) {
        this(composition, sketches, tilt, estimate, delta, allowed(composition, estimate));
    }

    private LawPlan(
            DirectedComposition composition,
            List<LossAtoms> sketches,
            double tilt,
            double estimate,
            double delta,
            double spread) {
        this.composition = composition;
        this.tilt = tilt;
        this.estimate = estimate;
        this.delta = delta;
        this.sketches = sketches;
        this.logScales = sketches.stream().mapToDouble(it -> it.logMoment(tilt)).toArray();
        // A step whose loss is spread over cells of width h has its log moment of order t raised by up to
        // t (t + 1) h^2 / 12, and epsilon is the moment over t: the sum over steps is given to all grids alike.
        double grids = 0;
        for (long count : composition.counts()) {
            grids += 1 + Math.floor(0.5 * Math.log(count) / Math.log(2));
        }
        this.spread = spread;
        this.budget = 12 * spread / ((1 + tilt) * grids);
        double last = Math.sqrt(budget);
        double lattice = lattice();
        if (lattice > FINEST_LATTICE * last) {
            last = lattice / Math.ceil(lattice / last);
        }
        this.shares = new double[logScales.length];
        double finest = last;
        for (int i = 0; i < shares.length; i++) {
            long count = composition.counts().get(i);
            shares[i] = lattice > 0 ? 1 : shareOffBulk(sketches.get(i), logScales[i], count);
            finest = Math.min(finest, wanted(i, 1));
        }
        this.doublings = (int) Math.ceil(Math.log(last / finest) / Math.log(2) - 1e-9);
        this.finestWidth = Math.scalb(last, -doublings);
    }

    /**
     * The share of one release's tilted mass that a grid spreads: what lies within a cell of the bulk, which the grid goes
     * through, is spread by less. Without it a step that samples few units, with its long and thin tail, would need grids a
     * hundred times finer than it does.
     */
    private double shareOffBulk(LossAtoms sketch, double logScale, long count) {
        int n = sketch.size();
        double[] masses = new double[n];
        double total = 0;
        for (int i = 0; i < n; i++) {
            masses[i] = sketch.masses()[i] * Math.exp(tilt * sketch.losses()[i] - logScale);
            total += masses[i];
        }
        int median = 0;
        for (double below = masses[0]; below < 0.5 * total && median < n - 1; below += masses[median]) {
            median++;
        }
        double bulk = sketch.losses()[median];
        double share = 1;
        for (int i = 0; i < SHARE_ITERATIONS; i++) {
            double width = Math.sqrt(budget / (count * share));
            double spread = 0;
            for (int j = 0; j < n; j++) {
                spread += masses[j] * Math.min(1, 6 * Math.abs(sketch.losses()[j] - bulk) / width);
            }
            share = Math.clamp(spread / total, 1e-12, 1);
        }
        return share;
    }

    private static double allowed(DirectedComposition composition, double estimate) {
        long most =
                composition.counts().stream().mapToLong(count -> count).max().orElse(1);
        // Few steps are cheap anyway.
        double eased = Math.clamp(Math.log(most) / Math.log(1000), 0.1, 1);
        return SPREAD * eased * Math.max(Math.clamp(estimate, 0.02, 1), estimate / 120);
    }

    /**
     * The same law with less room for discretisation, where its bounds came out further apart than wished and finer grids are
     * affordable; else this one.
     *
     * @param share of the room
     */
    LawPlan refined(double share) {
        double highest = 0;
        var probes = new LossLaw.Probes(tilt);
        for (int i = 0; i < sketches.size(); i++) {
            double logRight =
                    Math.log(RIGHT_SHARE * delta / composition.counts().get(i));
            highest = Math.max(highest, probes.highest(sketches.get(i)::logMoment, logRight));
        }
        boolean affordable = highest / (finestWidth * Math.sqrt(share)) < 2.0 * LONGEST;
        return affordable ? new LawPlan(composition, sketches, tilt, estimate, delta, share * spread) : this;
    }

    /**
     * The same law, bounded as loosely as it may be where another direction decides: if the loose bound stays below that one's,
     * nothing is lost.
     */
    LawPlan besides(LawPlan worst) {
        double spare = LOOSENESS * (worst.estimate - estimate);
        return spare <= spread ? this : new LawPlan(composition, sketches, tilt, estimate, delta, spare);
    }

    /** About the epsilon that is looked for, a little above. */
    double estimate() {
        return estimate;
    }

    /** The lattice of the release that is made most often, if it has one. */
    private double lattice() {
        int at = 0;
        for (int i = 1; i < composition.counts().size(); i++) {
            at = composition.counts().get(i) > composition.counts().get(at) ? i : at;
        }
        return composition.pairs().get(at).lattice();
    }

    /** The grid that the law of a release made some times would like. */
    private double wanted(int release, double made) {
        double uses = composition.counts().get(release) / made;
        return Math.sqrt(budget / (uses * Math.min(1, made * shares[release])));
    }

    /** The grid that it gets: twice the finest, any number of times. */
    private double width(int release, double made) {
        int finer = (int) Math.max(0, Math.floor(Math.log(wanted(release, made) / finestWidth) / Math.log(2) + 1e-9));
        return Math.scalb(finestWidth, Math.min(doublings, finer));
    }

    /** The law of the whole composition. */
    LossLaw law(Bound bound) {
        var parts = new ArrayDeque<LossLaw>();
        for (int i = 0; i < logScales.length; i++) {
            parts.add(power(i, composition.counts().get(i), bound));
        }
        // Two at a time, the latest product last, so that long laws are convolved few times.
        while (parts.size() > 1) {
            parts.add(cut(parts.remove().and(parts.remove()), 1));
        }
        return parts.remove();
    }

    /** One release made count times: squared and multiplied by the bits of the count, from the top. */
    private LossLaw power(int release, long count, Bound bound) {
        double total = 0;
        for (long other : composition.counts()) {
            total += other;
        }
        double width = width(release, 1);
        var resolution = new LossPair.Resolution(width, tilt, logScales[release], RIGHT_SHARE * delta / total);
        LossPair pair = composition.pairs().get(release);
        LossLaw base = LossLaw.of(
                pair.atoms(resolution, bound),
                bound,
                new LossLaw.Probes(tilt),
                width,
                logScales[release],
                pair.lattice());
        base = cut(base, count);
        LossLaw law = base;
        long made = 1;
        for (int bit = Long.SIZE - 2 - Long.numberOfLeadingZeros(count); bit >= 0; bit--) {
            law = onGrid(law, width(release, made));
            law = law.and(law);
            made *= 2;
            law = cut(law, (double) count / made);
            if ((count >> bit & 1) == 1) {
                base = onGrid(base, law.width());
                law = law.and(base);
                made++;
                law = cut(law, (double) count / made);
            }
        }
        return law;
    }

    private static LossLaw onGrid(LossLaw law, double width) {
        LossLaw coarse = law;
        while (coarse.width() < 0.75 * width || coarse.length() > LONGEST) {
            coarse = coarse.coarser();
        }
        return coarse;
    }

    /**
     * Keeps the part of a law that matters.
     *
     * @param uses how often the law is used in the whole
     */
    private LossLaw cut(LossLaw law, double uses) {
        return law.cut(RIGHT_SHARE * delta / uses, LEFT_SHARE / uses);
    }
}
