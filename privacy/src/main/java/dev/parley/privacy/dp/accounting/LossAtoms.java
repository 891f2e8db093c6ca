package dev.parley.privacy.dp.accounting;

import java.util.Arrays;

/**
 * A privacy loss distribution as point masses: with probability {@code masses[i]} under the first dataset, the observer's
 * log odds move by {@code losses[i]}.
 *
 * @param losses ascending
 * @param masses probabilities under the first dataset, one for each loss
 * @param infinite probability of an outcome that the second dataset cannot have, or that was cut off
 */
record LossAtoms(double[] losses, double[] masses, double infinite) {
    int size() {
        return losses.length;
    }

    /** log of the expectation of e^(order * loss) over the finite losses. */
    double logMoment(double order) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < losses.length; i++) {
            if (masses[i] > 0) {
                most = Math.max(most, order * losses[i] + Math.log(masses[i]));
            }
        }
        if (most == Double.NEGATIVE_INFINITY) {
            return most;
        }
        double sum = 0;
        for (int i = 0; i < losses.length; i++) {
            if (masses[i] > 0) {
                sum += Math.exp(order * losses[i] + Math.log(masses[i]) - most);
            }
        }
        return most + Math.log(sum);
    }

    /** Collects atoms in ascending order; a loss equal to the last one adds to it. */
    static final class Builder {
        private double[] losses = new double[1024];
        private double[] masses = new double[1024];
        private int size;

        void add(double loss, double mass) {
            if (!(mass > 0)) {
                return;
            }
            if (size > 0 && loss <= losses[size - 1]) {
                // Rounding may turn equal losses around by a unit; the larger is kept, and the accountant's slack
                // counts it.
                masses[size - 1] += mass;
                return;
            }
            if (size == losses.length) {
                losses = Arrays.copyOf(losses, 2 * size);
                masses = Arrays.copyOf(masses, 2 * size);
            }
            losses[size] = loss;
            masses[size++] = mass;
        }

        LossAtoms build(double infinite) {
            return new LossAtoms(Arrays.copyOf(losses, size), Arrays.copyOf(masses, size), infinite);
        }
    }
}
