package dev.parley.privacy.secagg.graph;

/**
 * The number of marked among {@code draws} of {@code population} drawn without replacement, {@code marked} of which
 * are. Probabilities are logarithms to base 2, so that none is too small; an absolute error of 1e-7 in them holds for
 * populations up to 2^20 (log-factorials near 10^7, of which a double keeps 9 digits after the point).
 */
record Hypergeometric(int population, int marked, int draws) {
    /** Terms below this part of the sum, which fall at least geometrically, no longer count. */
    private static final double NEGLIGIBLE = 1e-18;

    private static final double LN_2 = Math.log(2);
    private static final double[] SMALL_LOG_FACTORIALS = smallLogFactorials(64);

    Hypergeometric {
        if (marked < 0 || draws < 0 || marked > population || draws > population) {
            throw new IllegalArgumentException(
                    "marked and draws are 0 to the population, got " + marked + " and " + draws + " of " + population);
        }
    }

    /** log2 P[X >= count]. */
    double log2AtLeast(int count) {
        if (count <= least()) {
            return 0;
        }
        if (count > most()) {
            return Double.NEGATIVE_INFINITY;
        }
        return count > mode() ? log2Upwards(count) : log2Complement(log2Downwards(count - 1));
    }

    /** log2 P[X <= count]. */
    double log2AtMost(int count) {
        if (count >= most()) {
            return 0;
        }
        if (count < least()) {
            return Double.NEGATIVE_INFINITY;
        }
        return count < mode() ? log2Downwards(count) : log2Complement(log2Upwards(count + 1));
    }

    private int least() {
        return Math.max(0, draws - (population - marked));
    }

    private int most() {
        return Math.min(draws, marked);
    }

    private int mode() {
        return (int) ((draws + 1L) * (marked + 1L) / (population + 2L));
    }

    /** Sums from {@code from}, at the mode or above, as long as terms count: each is a ratio of the one before. */
    private double log2Upwards(int from) {
        double term = 1;
        double sum = 1;
        for (int x = from; x < most() && term > NEGLIGIBLE * sum; x++) {
            term *= ((double) (marked - x) * (draws - x))
                    / ((x + 1.0) * ((double) population - marked - draws + x + 1));
            sum += term;
        }
        return (logMass(from) + Math.log(sum)) / LN_2;
    }

    private double log2Downwards(int from) {
        double term = 1;
        double sum = 1;
        for (int x = from; x > least() && term > NEGLIGIBLE * sum; x--) {
            term *= (x * ((double) population - marked - draws + x)) / ((marked - x + 1.0) * (draws - x + 1.0));
            sum += term;
        }
        return (logMass(from) + Math.log(sum)) / LN_2;
    }

    private static double log2Complement(double log2) {
        return Math.log1p(-Math.min(1, Math.exp(log2 * LN_2))) / LN_2;
    }

    /** ln P[X = count]. */
    private double logMass(int count) {
        return logChoose(marked, count) + logChoose(population - marked, draws - count) - logChoose(population, draws);
    }

    /** ln of the binomial coefficient. */
    static double logChoose(int n, int k) {
        return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
    }

    /** Stirling's series (Abramowitz and Stegun, 6.1.41); from 64 on, its next term is below 1e-15. */
    private static double logFactorial(int n) {
        if (n < SMALL_LOG_FACTORIALS.length) {
            return SMALL_LOG_FACTORIALS[n];
        }
        double inverse = 1.0 / n;
        double square = inverse * inverse;
        return n * Math.log(n)
                - n
                + 0.5 * Math.log(2 * Math.PI * n)
                + inverse * (1.0 / 12 - square * (1.0 / 360 - square / 1260));
    }

    private static double[] smallLogFactorials(int count) {
        double[] logs = new double[count];
        for (int n = 2; n < count; n++) {
            logs[n] = logs[n - 1] + Math.log(n);
        }
        return logs;
    }
}
