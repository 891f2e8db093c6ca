package dev.parley.privacy.secagg.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** {@link Hypergeometric} against counting on big integers. */
class HypergeometricTest {
    private static final double TOLERANCE_BITS = 1e-7;

    @Property(tries = 300, seed = "20261124")
    void tailsAreThoseOfCounting(
            @ForAll @IntRange(min = 1, max = 150) int population,
            @ForAll @IntRange(max = 1 << 20) int marks,
            @ForAll @IntRange(max = 1 << 20) int draw) {
        int marked = marks % (population + 1);
        int draws = draw % (population + 1);
        Hypergeometric distribution = new Hypergeometric(population, marked, draws);
        BigInteger all = choose(population, draws);
        BigInteger below = BigInteger.ZERO;
        for (int count = 0; count <= draws + 1; count++) {
            BigInteger ways = choose(marked, count).multiply(choose(population - marked, draws - count));

            assertLog2(all.subtract(below), all, distribution.log2AtLeast(count));
            below = below.add(ways);
            assertLog2(below, all, distribution.log2AtMost(count));
        }
    }

    @Test
    void farTailsOfLargePopulationsKeepTheirDigits() {
        Hypergeometric distribution = new Hypergeometric(999_999, 100_000, 146);
        BigInteger ways = BigInteger.ZERO;
        for (int count = 56; count <= 146; count++) {
            ways = ways.add(choose(100_000, count).multiply(choose(899_999, 146 - count)));
        }

        assertLog2(ways, choose(999_999, 146), distribution.log2AtLeast(56));
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Hypergeometric(10, 11, 1));
        assertThrows(IllegalArgumentException.class, () -> new Hypergeometric(10, 1, 11));
        assertThrows(IllegalArgumentException.class, () -> new Hypergeometric(10, -1, 1));
    }

    private static void assertLog2(BigInteger part, BigInteger all, double actual) {
        if (part.signum() == 0) {
            assertEquals(Double.NEGATIVE_INFINITY, actual);
            return;
        }
        // Near certainty the logarithm is near zero, and an absolute error says all.
        double ratio = new BigDecimal(part)
                .divide(new BigDecimal(all), MathContext.DECIMAL64)
                .doubleValue();
        assertEquals(Math.log(ratio) / Math.log(2), actual, TOLERANCE_BITS);
    }

    private static BigInteger choose(int n, int k) {
        if (k < 0 || k > n) {
            return BigInteger.ZERO;
        }
        BigInteger ways = BigInteger.ONE;
        for (int i = 0; i < Math.min(k, n - k); i++) {
            ways = ways.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
        }
        return ways;
    }
}
