package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;

/** From Rényi divergence and from zero-concentrated privacy to epsilon and delta. */
public final class RenyiConversion {
    /** Below it the conversion cancels and is of no use. */
    private static final double LEAST_ORDER = 1.01;

    private static final int TERNARY_STEPS = 200;

    private RenyiConversion() {}

    /**
     * The epsilon that a divergence gives at a delta: Canonne, Kamath and Steinke 2020, proposition 12, which is theorem 21 of
     * Balle, Barthe, Gaboardi, Hsu and Sato 2020; 0 where the divergence bounds the total variation by delta (Bretagnolle
     * and Huber 1979).
     */
    static double epsilon(double order, double divergence, double delta) {
        if (delta * delta + Math.expm1(-divergence) > 0) {
            return 0;
        }
        if (order <= LEAST_ORDER) {
            return Double.POSITIVE_INFINITY;
        }
        return Math.max(0, divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1));
    }

    static double delta(double order, double divergence, double epsilon) {
        double total = Math.sqrt(-Math.expm1(-divergence));
        if (order <= LEAST_ORDER) {
            return total;
        }
        double logDelta = (order - 1) * (divergence - epsilon + Math.log1p(-1 / order)) - Math.log(order);
        return Math.min(total, Math.exp(logDelta));
    }

    /**
     * The least epsilon at a delta of anything that is rho-zero-concentrated, over all orders.
     *
     * @param rho 0 or more
     * @param delta greater than 0
     */
    public static Epsilon ofZeroConcentrated(double rho, Delta delta) {
        if (!(rho >= 0 && rho < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("rho is 0 or more and finite, got " + rho);
        }
        Accountant.requirePositive(delta);
        if (rho == 0) {
            return new Epsilon(0);
        }
        double low = Math.log(LEAST_ORDER - 1) + 1e-9;
        double high = Math.log(1e12);
        for (int i = 0; i < TERNARY_STEPS; i++) {
            double left = low + (high - low) / 3;
            double right = high - (high - low) / 3;
            if (atOrder(left, rho, delta) < atOrder(right, rho, delta)) {
                high = right;
            } else {
                low = left;
            }
        }
        return new Epsilon(atOrder(low, rho, delta));
    }

    private static double atOrder(double logTilt, double rho, Delta delta) {
        double order = 1 + Math.exp(logTilt);
        return epsilon(order, rho * order, delta.value());
    }
}
