package dev.parley.privacy.dp.accounting;

/**
 * Moves atoms to a grid so that the result is dominated by what it was made from.
 *
 * <p>Merging outcomes is post-processing, so it can only lose distinguishability; atoms merged have the log ratio of their
 * total probabilities as common loss. From the lowest loss up, a group takes atoms until its common loss is exactly the next
 * grid point, and the atom that would overshoot is divided. In the picture of Doroshenko and others 2022, section 5, each
 * group is a tangent of the curve of delta over e^epsilon, and grid points are where neighbouring tangents meet.
 *
 * <p>A group that would have to reach far for that, as the bulk of a step that hardly ever moves anybody's odds would, takes
 * mass from the tail that decides delta. It sheds its lowest atoms instead: they move down to the grid point below, which
 * raises their probability under the second dataset, and so can only lower delta too.
 */
final class TangentMerge {
    /** An atom this close above a grid point, in widths, is moved down to it. */
    private static final double SNAP = 1e-9;

    /** Widths above its grid point up to which a group takes as many atoms as it needs. */
    private static final double REACH = 6;

    /** Whole atoms that it takes above its grid point wherever they are. */
    private static final int FAR_ATOMS = 4;

    private final double[] losses;
    /** Probability under the first dataset times e^(tilt * loss). */
    private final double[] tilted;

    private final double tilt;
    private final double width;
    private final long first;
    private final double[] masses;

    /** The next atom, and what is left of it. */
    private int next;

    private double left;

    private TangentMerge(double[] losses, double[] tilted, double tilt, double width, long first, double[] masses) {
        this.losses = losses;
        this.tilted = tilted;
        this.tilt = tilt;
        this.width = width;
        this.first = first;
        this.masses = masses;
    }

    /**
     * @param losses ascending, relative to a grid point
     * @param masses receives the tilted masses at {@code first * width}, {@code (first + 1) * width} and so on
     */
    static void merge(double[] losses, double[] tilted, double tilt, double width, long first, double[] masses) {
        new TangentMerge(losses, tilted, tilt, width, first, masses).run();
    }

    private void run() {
        if (losses.length > 0) {
            left = tilted[0];
        }
        while (next < losses.length) {
            double loss = losses[next];
            long target = (long) Math.ceil(loss / width - SNAP);
            double at = target * width;
            if (loss >= at - 8 * Fourier.UNIT_ROUNDOFF * Math.abs(at)) {
                // On the grid, to within what the law's slack counts.
                masses[(int) (target - first)] += left * Math.exp(-tilt * Math.max(0, loss - at));
                advance();
            } else {
                group(target);
            }
        }
    }

    private void advance() {
        next++;
        left = next < losses.length ? tilted[next] : 0;
    }

    /** Makes the group of a grid point above the next atom. */
    private void group(long target) {
        double at = target * width;
        int start = next;
        double startLeft = left;
        // Probability under the first dataset, and what it exceeds the second's at the target's ratio by; both relative
        // to
        // e^(-tilt * at).
        double group = left * Math.exp(tilt * (at - losses[next]));
        double excess = -group * Math.expm1(at - losses[next]);
        advance();
        int above = 0;
        while (next < losses.length && excess < 0 && (above < FAR_ATOMS || losses[next] <= at + REACH * width)) {
            double whole = left * Math.exp(tilt * (at - losses[next]));
            double gain = -whole * Math.expm1(at - losses[next]);
            if (excess + gain <= 0) {
                above += losses[next] > at ? 1 : 0;
                group += whole;
                excess += gain;
                advance();
            } else {
                double share = -excess / gain;
                group += share * whole;
                left *= 1 - share;
                excess = 0;
            }
        }
        if (excess < 0) {
            shed(start, startLeft, target, excess);
        } else {
            masses[(int) (target - first)] += group;
        }
    }

    /** Moves a group's lowest atoms to the grid point below, as many as it takes for the rest to reach its own. */
    private void shed(int start, double startLeft, long target, double deficit) {
        double at = target * width;
        double excess = deficit;
        double shed = 0;
        double kept = 0;
        for (int k = start; k < next; k++) {
            double whole = (k == start ? startLeft : tilted[k]) * Math.exp(tilt * (at - losses[k]));
            double share = 0;
            if (excess < 0) {
                double gain = -whole * Math.expm1(at - losses[k]);
                share = gain < excess ? excess / gain : 1;
                excess = share < 1 ? 0 : excess - gain;
            }
            shed += share * whole;
            kept += (1 - share) * whole;
        }
        masses[(int) (target - first)] += kept;
        masses[(int) (target - 1 - first)] += shed * Math.exp(-tilt * width);
    }
}
