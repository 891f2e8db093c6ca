package dev.parley.privacy.dp.accounting;

/** Sums of numbers too large or too small for a double, by their logarithms. */
final class LogSum {
    private LogSum() {}

    /** log of the sum of {@code e^term}. */
    static double of(double... terms) {
        double most = Double.NEGATIVE_INFINITY;
        for (double term : terms) {
            most = Math.max(most, term);
        }
        if (Double.isInfinite(most)) {
            return most;
        }
        double sum = 0;
        for (double term : terms) {
            sum += Math.exp(term - most);
        }
        return most + Math.log(sum);
    }
}
