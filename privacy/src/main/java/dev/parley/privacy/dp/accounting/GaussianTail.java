package dev.parley.privacy.dp.accounting;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.Erfcx;

/** Tails of the standard normal distribution with relative accuracy. */
final class GaussianTail {
    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

    private GaussianTail() {}

    /** P(Z &lt;= x). */
    static double below(double x) {
        return 0.5 * Erfc.value(-x * ROOT_HALF);
    }

    /** P(Z &gt; x) over the density at x; for x of -30 or more. */
    static double millsRatio(double x) {
        return Math.sqrt(Math.PI / 2) * Erfcx.value(x * ROOT_HALF);
    }

    static double logDensity(double x) {
        return -0.5 * x * x - LOG_ROOT_TWO_PI;
    }
}
