package dev.parley.privacy.dp.accounting;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * A privacy loss distribution on a grid, tilted so that the part which decides delta is the part which floating point
 * keeps.
 *
 * <p>Delta at epsilon is an expectation over losses above epsilon, which may have probability 1e-12, while a Fourier
 * transform has the same absolute error everywhere. So the masses are kept multiplied by {@code e^(tilt * loss)} and
 * scaled to sum to one. Tilting commutes with composition, because losses add. At the saddle point, the tilt that makes
 * Chernoff's bound for delta least (the Rényi order less one), the bulk of the tilted law lies at the epsilon asked for,
 * and rounding costs a relative error in delta instead of an absolute one.
 *
 * <p><b>Upper laws</b> dominate the mechanism in the sense of Zhu, Dong and Wang 2022 (definition 7): an atom between
 * grid points is split between both so that its probability under both datasets is kept (connect-the-dots: Doroshenko,
 * Ghazi, Kamath, Kumar and Manurangsi 2022, section 4), mass cut off on the right becomes infinite loss, mass cut off on
 * the left moves up to the edge, and every entry is raised by the transform's error bound.
 *
 * <p><b>Lower laws</b> are dominated by it: neighbouring atoms are merged until their common loss is a grid point, which is
 * post-processing (the tangents of the same paper, section 5, built greedily), mass cut off is dropped, and every entry
 * is lowered by the error bound.
 *
 * <p>Both errors are of second order in the grid's width. Widths double as the law spreads, so each doubling of
 * the number of steps costs the same, and the total grows with its logarithm instead of with the number of steps.
 */
final class LossLaw {
    /** Operands up to this length are multiplied out, which has only a relative error. */
    private static final int DIRECT_LENGTH = 48;

    /** Rounding of one entry in one operation other than a transform, relative. */
    private static final double ENTRY_SLACK = 16 * Fourier.UNIT_ROUNDOFF;

    /** An atom this close to a grid point, in grid widths, is taken to be on it, moved to the safe side. */
    private static final double SNAP = 1e-9;

    /** Rounding of a log moment, far above what a sum of a million terms can have. */
    private static final double MOMENT_SLACK = 1e-8;

    /** Of a sum above it, nothing that underflowed can have been a part worth counting. */
    private static final double SAFE_SUM = 1e-250;

    /** An upper law's tilted mass that would underflow stays this large. */
    private static final double LEAST_MASS = 1e-300;

    private final Bound bound;
    private final double tilt;
    /** A loss on the grid; the others are this plus multiples of the width. */
    private final double origin;

    private final double width;
    private final long first;
    private final double[] masses;
    private final double logScale;
    private final double infinite;
    private final double slack;
    /** Upper bounds on the log moments of the law that the masses stand for, at the orders of the probes. */
    private final double[] logMoments;

    private final Probes probes;

    private LossLaw(
            Bound bound,
            Probes probes,
            double origin,
            double width,
            long first,
            double[] masses,
            double logScale,
            double infinite,
            double slack,
            double[] logMoments) {
        this.bound = bound;
        this.tilt = probes.tilt();
        this.probes = probes;
        this.origin = origin;
        this.width = width;
        this.first = first;
        this.masses = masses;
        this.logScale = logScale;
        this.infinite = infinite;
        this.slack = slack;
        this.logMoments = logMoments;
    }

    /** Orders above and below a tilt at which moments are kept, to bound tails by Chernoff's inequality. */
    record Probes(double tilt) {
        /** Distances from the tilt, over tilt + 1. */
        private static final double[] DISTANCES = {0.06, 0.12, 0.2, 0.35, 0.6, 1, 1.7, 3, 6, 12};

        /** How many there are above, and as many below. */
        private static final int EACH_SIDE = DISTANCES.length;

        double order(int index) {
            double distance = DISTANCES[index % EACH_SIDE] * (1 + tilt);
            return index < EACH_SIDE ? tilt + distance : tilt - distance;
        }

        /** Chernoff's bound on the loss that is exceeded with a probability of which the log is given. */
        double highest(DoubleUnaryOperator logMoment, double logProbability) {
            double least = Double.POSITIVE_INFINITY;
            for (int p = 0; p < EACH_SIDE; p++) {
                least = Math.min(least, (logMoment.applyAsDouble(order(p)) - logProbability) / order(p));
            }
            return least;
        }
    }

    /**
     * Puts atoms on a grid.
     *
     * @param logScale about the log of the tilted total, so that masses sum to about one
     * @param lattice what all losses are multiples of, or 0
     */
    static LossLaw of(LossAtoms atoms, Bound bound, Probes probes, double width, double logScale, double lattice) {
        double tilt = probes.tilt();
        int n = atoms.size();
        double[] tilted = new double[n];
        for (int i = 0; i < n; i++) {
            double mass = atoms.masses()[i] * Math.exp(tilt * atoms.losses()[i] - logScale);
            tilted[i] = bound == Bound.UPPER ? Math.max(mass, LEAST_MASS) : mass;
        }
        double origin;
        if (lattice > 0) {
            // If the width divides the lattice, every atom is on the grid; else at least the highest is.
            double cells = lattice / width;
            origin = Math.abs(cells - Math.rint(cells)) < 1e-6 ? 0 : atoms.losses()[n - 1];
        } else {
            origin = bulk(atoms.losses(), tilted, tilt, width);
        }
        double[] losses = new double[n];
        for (int i = 0; i < n; i++) {
            losses[i] = atoms.losses()[i] - origin;
        }
        long first = (long) Math.floor(losses[0] / width) - 1;
        double[] masses = new double[Math.toIntExact((long) Math.ceil(losses[n - 1] / width) + 2 - first)];
        if (bound == Bound.UPPER) {
            split(losses, tilted, tilt, width, first, masses);
        } else {
            TangentMerge.merge(losses, tilted, tilt, width, first, masses);
        }
        // Losses are evaluated to a few units, which moves the tilted mass by tilt times as much, relative.
        double largest = Math.max(Math.abs(atoms.losses()[0]), Math.abs(atoms.losses()[n - 1]));
        double slack = 4 * ENTRY_SLACK * (1 + (1 + tilt) * largest);
        double[] logMoments = new double[2 * Probes.EACH_SIDE];
        for (int p = 0; p < logMoments.length; p++) {
            double order = probes.order(p) - tilt;
            logMoments[p] = logScale + order * origin + logMoment(masses, first, width, order);
        }
        return new LossLaw(bound, probes, origin, width, first, masses, logScale, atoms.infinite(), slack, logMoments);
    }

    /**
     * The common loss of the atoms in the fullest cell. A step that samples few units has nearly all its mass there; with the
     * grid laid through it, discretisation leaves that mass where it is.
     */
    private static double bulk(double[] losses, double[] tilted, double tilt, double width) {
        double mass = 0;
        double most = -1;
        int best = 0;
        for (int from = 0, to = 0; from < losses.length; from++) {
            while (to < losses.length && losses[to] <= losses[from] + width) {
                mass += tilted[to++];
            }
            if (mass > most) {
                most = mass;
                best = from;
            }
            mass -= tilted[from];
        }
        double lowest = losses[best];
        double first = 0;
        double excess = 0;
        for (int i = best; i < losses.length && losses[i] <= lowest + width; i++) {
            double probability = tilted[i] * Math.exp(tilt * (lowest - losses[i]));
            first += probability;
            excess += probability * Math.expm1(lowest - losses[i]);
        }
        return first > 0 ? lowest - Math.log1p(excess / first) : lowest;
    }

    /** log of the sum of {@code masses[i] e^(order * (first + i) * width)}, rounded up. */
    private static double logMoment(double[] masses, long first, double width, double order) {
        double factor = Math.exp(-Math.abs(order) * width);
        int n = masses.length;
        double sum = 0;
        // Horner's rule from the end whose powers are small.
        for (int i = 0; i < n; i++) {
            sum = sum * factor + masses[order > 0 ? i : n - 1 - i];
        }
        double end = order > 0 ? (first + n - 1) * width : first * width;
        if (sum > SAFE_SUM) {
            return order * end + Math.log(sum) + MOMENT_SLACK;
        }
        // What counts is far from that end and underflowed on the way to it.
        double[] terms = new double[n];
        for (int i = 0; i < n; i++) {
            terms[i] = Math.log(masses[i]) + order * (first + i) * width;
        }
        return LogSum.of(terms) + MOMENT_SLACK;
    }

    /** Splits each atom between the grid points around it, keeping its probability under both datasets. */
    private static void split(
            double[] losses, double[] tilted, double tilt, double width, long first, double[] masses) {
        double cell = -Math.expm1(-width);
        for (int i = 0; i < losses.length; i++) {
            double position = losses[i] / width;
            long below = (long) Math.floor(position);
            double distance = losses[i] - below * width;
            if (position - below > 1 - SNAP) {
                below++;
                distance = 0;
            }
            int at = (int) (below - first);
            double up = Math.min(1, -Math.expm1(-Math.max(0, distance)) / cell);
            masses[at] += tilted[i] * (1 - up) * Math.exp(tilt * (below * width - losses[i]));
            if (up > 0) {
                masses[at + 1] += tilted[i] * up * Math.exp(tilt * (width - distance));
            }
        }
    }

    /** The same law on a grid of twice the width. */
    LossLaw coarser() {
        long coarseFirst = Math.floorDiv(first, 2) - 1;
        long coarseLast = Math.floorDiv(first + masses.length, 2) + 2;
        double[] coarse = new double[Math.toIntExact(coarseLast - coarseFirst + 1)];
        if (bound == Bound.UPPER) {
            double below = Math.exp(-tilt * width) / (1 + Math.exp(width));
            double above = Math.exp(tilt * width) / (1 + Math.exp(-width));
            for (int i = 0; i < masses.length; i++) {
                long index = first + i;
                int at = (int) (Math.floorDiv(index, 2) - coarseFirst);
                if ((index & 1) == 0) {
                    coarse[at] += masses[i];
                } else {
                    coarse[at] += below * masses[i];
                    coarse[at + 1] += above * masses[i];
                }
            }
        } else {
            double[] losses = new double[masses.length];
            for (int i = 0; i < losses.length; i++) {
                losses[i] = (first + i) * width;
            }
            TangentMerge.merge(losses, masses, tilt, 2 * width, coarseFirst, coarse);
        }
        double[] moments = logMoments.clone();
        for (int p = 0; p < moments.length; p++) {
            // A split atom's moment grows by this factor, except for orders between -1 and 0.
            double order = probes.order(p) + 0.5;
            moments[p] += Math.max(0, logCosh(order * width) - logCosh(0.5 * width));
        }
        return new LossLaw(
                bound,
                probes,
                origin,
                2 * width,
                coarseFirst,
                coarse,
                logScale,
                infinite,
                slack + 2 * ENTRY_SLACK,
                moments);
    }

    private static double logCosh(double x) {
        return Math.abs(x) + Math.log1p(Math.exp(-2 * Math.abs(x))) - Math.log(2);
    }

    /** The law of both releases; the coarser of two grids is taken. */
    LossLaw and(LossLaw other) {
        LossLaw a = this;
        LossLaw b = other;
        while (a.width < 0.75 * b.width) {
            a = a.coarser();
        }
        while (b.width < 0.75 * a.width) {
            b = b.coarser();
        }
        double[] product;
        double spread = 0;
        double more = ENTRY_SLACK;
        if (Math.min(a.masses.length, b.masses.length) <= DIRECT_LENGTH) {
            product = direct(a.masses, b.masses);
            more += DIRECT_LENGTH * Fourier.UNIT_ROUNDOFF;
        } else {
            product = new double[a.masses.length + b.masses.length - 1];
            spread = peaked(a.masses, b.masses, product);
        }
        double shift = bound == Bound.UPPER ? spread : -spread;
        for (int i = 0; i < product.length; i++) {
            product[i] = Math.max(0, Math.max(0, product[i]) + shift);
        }
        double[] moments = a.logMoments.clone();
        for (int p = 0; p < moments.length; p++) {
            moments[p] += b.logMoments[p];
        }
        return new LossLaw(
                bound,
                probes,
                a.origin + b.origin,
                a.width,
                a.first + b.first,
                product,
                a.logScale + b.logScale,
                a.infinite + b.infinite - a.infinite * b.infinite,
                a.slack + b.slack + more,
                moments);
    }

    private static double[] direct(double[] a, double[] b) {
        double[] product = new double[a.length + b.length - 1];
        double[] few = a.length <= b.length ? a : b;
        double[] many = a.length <= b.length ? b : a;
        for (int i = 0; i < few.length; i++) {
            double factor = few[i];
            if (factor != 0) {
                for (int j = 0; j < many.length; j++) {
                    product[i + j] += factor * many[j];
                }
            }
        }
        return product;
    }

    /**
     * Convolves with the largest entry of each operand taken out and multiplied directly. A step that samples few units moves
     * nobody's odds most of the time, so one entry may hold nearly all mass, and the transform's error, which is
     * relative to the norm, would drown the rest.
     *
     * @return bound on the error of each entry
     */
    private static double peaked(double[] a, double[] b, double[] product) {
        int peakA = peak(a);
        int peakB = peak(b);
        double heightA = a[peakA];
        double heightB = b[peakB];
        double[] restA = a.clone();
        restA[peakA] = 0;
        double[] restB = restA;
        if (a != b) {
            restB = b.clone();
            restB[peakB] = 0;
        }
        Fourier.Convolution rest = Fourier.convolve(restA, restB);
        System.arraycopy(rest.values(), 0, product, 0, product.length);
        for (int i = 0; i < restB.length; i++) {
            product[peakA + i] += heightA * restB[i];
        }
        for (int i = 0; i < restA.length; i++) {
            product[peakB + i] += heightB * restA[i];
        }
        product[peakA + peakB] += heightA * heightB;
        return rest.error();
    }

    private static int peak(double[] values) {
        int at = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[at]) {
                at = i;
            }
        }
        return at;
    }

    /**
     * Cuts off what Chernoff's inequality shows to be negligible: of an upper law the right end becomes infinite loss and
     * the left end moves up to the edge, as much of each as the inequality allows there to be; of a lower law both are
     * dropped.
     *
     * <p>The masses cut off are not looked at: far from the bulk they are the transform's rounding, not the law.
     *
     * @param right probability that may become infinite loss
     * @param left share of the tilted mass that may move
     */
    LossLaw cut(double right, double left) {
        double highest = Double.POSITIVE_INFINITY;
        double lowest = Double.NEGATIVE_INFINITY;
        double logRight = Math.log(right);
        double logLeft = Math.log(left) + logScale;
        for (int p = 0; p < logMoments.length; p++) {
            double order = probes.order(p);
            if (p < Probes.EACH_SIDE) {
                highest = Math.min(highest, (logMoments[p] - logRight) / order);
            } else {
                lowest = Math.max(lowest, (logLeft - logMoments[p]) / (tilt - order));
            }
        }
        int from = (int) Math.clamp(Math.floor((lowest - loss(0)) / width), 0, masses.length - 1.0);
        int to = (int) Math.clamp(Math.ceil((highest - loss(0)) / width), from + 1.0, masses.length);
        if (from == 0 && to == masses.length) {
            return this;
        }
        double[] kept = Arrays.copyOfRange(masses, from, to);
        double[] moments = logMoments;
        if (bound == Bound.UPPER && from > 0) {
            kept[0] += left;
            moments = withMass(left, loss(from));
        }
        double lost = bound == Bound.UPPER && to < masses.length ? right : 0;
        return new LossLaw(
                bound,
                probes,
                origin,
                width,
                first + from,
                kept,
                logScale,
                Math.min(1, infinite + lost),
                slack + ENTRY_SLACK,
                moments);
    }

    /** The moments with more tilted mass at a loss. */
    private double[] withMass(double mass, double loss) {
        double[] moments = logMoments.clone();
        for (int p = 0; p < moments.length; p++) {
            double more = Math.log(mass) + logScale + (probes.order(p) - tilt) * loss;
            moments[p] = LogSum.of(moments[p], more) + 4 * Fourier.UNIT_ROUNDOFF;
        }
        return moments;
    }

    /** Whether nothing overflowed; if anything did, this law says nothing. */
    private boolean isFinite() {
        double sum = logScale + infinite + slack;
        for (double mass : masses) {
            sum += mass;
        }
        return sum > Double.NEGATIVE_INFINITY && sum < Double.POSITIVE_INFINITY;
    }

    private double loss(int index) {
        return origin + (first + index) * width;
    }

    int length() {
        return masses.length;
    }

    double width() {
        return width;
    }

    /** The hockey-stick divergence at an epsilon of 0 or more: on this law's side of the mechanism's. */
    double delta(double epsilon) {
        if (!isFinite()) {
            return bound == Bound.UPPER ? 1 : 0;
        }
        double sum = 0;
        for (int i = masses.length - 1; i >= 0; i--) {
            double above = loss(i) - epsilon;
            if (above <= 0) {
                break;
            }
            sum += masses[i] * Math.exp(-tilt * above) * -Math.expm1(-above);
        }
        return Math.min(1, rounded(sum, epsilon));
    }

    /** From a sum relative to a loss to a probability, with the slack on the safe side. */
    private double rounded(double relative, double loss) {
        // The exponent is as large as tilt times loss, and rounds accordingly.
        double safety = slack + 4 * ENTRY_SLACK * (1 + Math.abs(logScale) + Math.abs(tilt * loss));
        return infinite + relative * Math.exp(logScale - tilt * loss + (bound == Bound.UPPER ? safety : -safety));
    }

    /**
     * The least epsilon of 0 or more at which the divergence is at most delta: on this law's side of the mechanism's;
     * infinite if there is none.
     */
    double epsilon(double delta) {
        if (!isFinite()) {
            return bound == Bound.UPPER ? Double.POSITIVE_INFINITY : 0;
        }
        if (infinite >= delta) {
            return Double.POSITIVE_INFINITY;
        }
        // From the right: sums over losses above x of first-dataset mass less e^x second-dataset mass, and of the
        // latter,
        // both relative to e^(-tilt * x). Everything added is positive.
        double fade = Math.exp(-tilt * width);
        double gap = -Math.expm1(-width);
        double excess = 0;
        double second = 0;
        double above = infinite;
        for (int i = masses.length - 1; i >= 0; i--) {
            excess = fade * (excess + gap * second);
            second = fade * Math.exp(-width) * second;
            double loss = loss(i);
            double here = rounded(excess, loss);
            if (here > delta) {
                // Between grid points the divergence is linear in e^epsilon.
                double share = above < here && here < Double.POSITIVE_INFINITY ? (here - delta) / (here - above) : 1;
                return Math.max(0, loss + Math.log1p(share * Math.expm1(width)));
            }
            if (loss <= 0) {
                return 0;
            }
            above = here;
            second += masses[i];
        }
        // Every loss is above: the divergence is linear in e^epsilon from here down to zero.
        double loss = loss(0);
        double slope = rounded(second, loss) - infinite;
        double rise = slope > 0 ? (delta - above) / slope : Double.POSITIVE_INFINITY;
        return rise < 1 ? Math.max(0, loss + Math.log1p(-rise)) : 0;
    }
}
