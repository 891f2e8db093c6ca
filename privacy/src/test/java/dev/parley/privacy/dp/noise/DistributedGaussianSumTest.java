package dev.parley.privacy.dp.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an accountant is told of a sum, against published figures and against the sum's exact law. */
class DistributedGaussianSumTest {
    /**
     * google-research/federated, {@code distributed_dp}: 100 shares of 0.1 on a grid of 0.01, clip 1, 1,024 values, delta 1e-5,
     * once: epsilon 4.84572834. The conversion is that of Canonne, Kamath and Steinke (2020), over integer
     * orders, as there.
     */
    @Test
    void leadsToThePublishedEpsilon() {
        DistributedGaussianSum sum = new DistributedGaussianSum(1024, 101.843016, 10, 100, StatisticalDistance.ZERO);

        double ratio = sum.l2Sensitivity() / sum.centralSigma();
        double tau = sum.tau();
        double squared = Math.min(ratio * ratio + tau * 1024 / 2, Math.pow(ratio + tau * Math.sqrt(1024), 2));
        double epsilon = Double.POSITIVE_INFINITY;
        for (int order = 2; order < 128; order++) {
            double converted =
                    order * squared / 2 + Math.log1p(-1.0 / order) - (Math.log(1e-5) + Math.log(order)) / (order - 1);
            epsilon = Math.min(epsilon, converted);
        }

        assertEquals(4.84572834, epsilon, 1e-6);
    }

    /** By hand: 10 (exp(-2 pi^2 / 2) + exp(-2 pi^2 2 / 3)) and the like. */
    @ParameterizedTest
    @CsvSource({"1, 1, 0", "1, 2, 5.172318e-4", "1, 3, 5.365e-4", "0.5, 2, 0.8480476", "10, 100, 0"})
    void tauIsTheTheorems(double localSigma, int shares, double expected) {
        DistributedGaussianSum sum = new DistributedGaussianSum(10, 5, localSigma, shares, StatisticalDistance.ZERO);

        assertEquals(expected, sum.tau(), Math.max(1e-100, expected * 1e-4));
    }

    /** Two shares of a small sigma, convolved in double: how far they are from one Gaussian is within what is said. */
    @ParameterizedTest
    @CsvSource({"0.5", "0.7", "1"})
    void theSumOfTwoSharesIsAsCloseToAGaussianAsIsSaid(double localSigma) {
        double[] share = LawFit.masses(NoiseLaw.DiscreteGaussian.ofSigma(localSigma));
        double[] whole = LawFit.masses(NoiseLaw.DiscreteGaussian.ofSigma(localSigma * Math.sqrt(2)));
        double distance = 0;
        double largestRatio = 0;
        for (int x = -10; x <= 10; x++) {
            double convolved = 0;
            for (int y = -15; y <= 15; y++) {
                convolved += at(share, y) * at(share, x - y);
            }
            distance += Math.abs(convolved - at(whole, x)) / 2;
            if (Math.abs(x) < 5 * localSigma) {
                largestRatio = Math.max(largestRatio, Math.abs(Math.log(convolved / at(whole, x))));
            }
        }
        DistributedGaussianSum sum = new DistributedGaussianSum(1, 1, localSigma, 2, StatisticalDistance.ZERO);

        double smoothing = TableSampler.smoothing(localSigma * localSigma / 2).value();

        assertTrue(distance <= smoothing, distance + " is said to be at most " + smoothing);
        assertTrue(distance > smoothing / 10, distance + " against " + smoothing);
        assertTrue(largestRatio <= sum.tau(), largestRatio + " is said to be at most " + sum.tau());
    }

    private static double at(double[] masses, int x) {
        return Math.abs(x) < masses.length ? masses[Math.abs(x)] : 0;
    }

    @Test
    void asAPlainGaussianItIsALittleLess() {
        StatisticalDistance samplers = new StatisticalDistance(0x1p-90);
        DistributedGaussianSum sum = new DistributedGaussianSum(1000, 50, 20, 25, samplers);

        double multiplier = sum.gaussianMultiplier().value();

        assertTrue(multiplier < 2 && multiplier > 1.998, () -> "multiplier " + multiplier);
        assertEquals(25 * 0x1p-90, sum.gaussianDistance().value(), 0x1p-100);
    }

    @Test
    void aCoarseShareIsNoGaussianAndSaysSo() {
        DistributedGaussianSum sum = new DistributedGaussianSum(1000, 5, 0.5, 10, StatisticalDistance.ZERO);

        assertEquals(1, sum.gaussianDistance().value());
    }

    @Test
    void aVectorOfIntegersHasAtMostAsMuchInSumAsInSquares() {
        assertEquals(9, new DistributedGaussianSum(1000, 3, 1, 1, StatisticalDistance.ZERO).l1Sensitivity(), 1e-9);
        assertEquals(20, new DistributedGaussianSum(4, 10, 1, 1, StatisticalDistance.ZERO).l1Sensitivity(), 1e-9);
    }

    @Test
    void whatIsNoSumIsRefused() {
        StatisticalDistance none = StatisticalDistance.ZERO;
        assertThrows(IllegalArgumentException.class, () -> new DistributedGaussianSum(0, 1, 1, 1, none));
        assertThrows(IllegalArgumentException.class, () -> new DistributedGaussianSum(1, 0, 1, 1, none));
        assertThrows(IllegalArgumentException.class, () -> new DistributedGaussianSum(1, 1, Double.NaN, 1, none));
        assertThrows(IllegalArgumentException.class, () -> new DistributedGaussianSum(1, 1, 1, 0, none));
    }
}
