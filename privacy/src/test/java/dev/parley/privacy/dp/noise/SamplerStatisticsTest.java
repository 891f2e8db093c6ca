package dev.parley.privacy.dp.noise;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteGaussian;
import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteLaplace;
import dev.parley.privacy.dp.noise.NoiseLaw.Skellam;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Draws of every sampler against their law ({@link LawFit}), from fixed seeds; and samplers that are a little wrong, which the
 * same test refuses.
 */
class SamplerStatisticsTest {
    private static final long SEED = 20261125;
    private static final int MANY = 10_000_000;
    private static final int FEW = 60_000;

    /** From one draw of a table to four of them. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 40, 301, 250_000.5})
    void tenMillionGaussiansFromTablesFitTheirLaw(double sigma) {
        DiscreteGaussian law = DiscreteGaussian.ofSigma(sigma);
        TableSampler sampler = TableSampler.of(law);

        LawFit fit = LawFit.of(draw(sampler, MANY), law, Math.max(2, sampler.stride()));

        assertTrue(fit.fits(), sampler + ": " + fit + ", seed " + SEED);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 25, 280, 500})
    void skellamsFromTablesFitTheirLaw(double sigma) {
        Skellam law = new Skellam(PositiveRational.of(sigma).squared());
        TableSampler sampler = TableSampler.of(law);

        LawFit fit = LawFit.of(draw(sampler, MANY / 4), law, 7);

        assertTrue(fit.fits(), sampler + ": " + fit + ", seed " + SEED);
    }

    @TestFactory
    Stream<DynamicTest> exactSamplersFitTheirLaw() {
        return Stream.of(
                        DiscreteGaussian.ofSigma(0.4),
                        DiscreteGaussian.ofSigma(3.7),
                        DiscreteGaussian.ofSigma(12_345.5),
                        new DiscreteLaplace(PositiveRational.of(1, 3)),
                        new DiscreteLaplace(PositiveRational.of(7, 2)),
                        new DiscreteLaplace(PositiveRational.of(1000, 1)),
                        new Skellam(PositiveRational.of(1, 5)),
                        new Skellam(PositiveRational.of(20, 3)))
                .map(law -> DynamicTest.dynamicTest(law.toString(), () -> {
                    ExactSampler sampler = ExactSampler.of(law);

                    LawFit fit = LawFit.of(draw(sampler, FEW), law, 5);

                    assertTrue(fit.fits(), sampler + ": " + fit + ", seed " + SEED);
                }));
    }

    /** Each is what a plausible mistake would do, and the draws of an honest sampler before it was made fit. */
    @TestFactory
    Stream<DynamicTest> samplersThatAreALittleWrongDoNot() {
        return Stream.of(
                wrong("one in two hundred is moved up by one", 40, x -> Math.floorMod(x, 200) == 3 ? x + 1 : x),
                wrong("zero is never drawn", 40, x -> x == 0 ? 1 : x),
                wrong("minus zero is a value of its own", 0.5, x -> x == 0 ? -1 : x),
                wrong("beyond four sigmas is cut", 40, x -> Math.clamp(x, -160, 160)),
                wrong("rounded to even", 20_000, x -> x & ~1),
                wrong("a sigma that is 0.2 % too small", 20_000, x -> (int) Math.rint(x * 0.998)));
    }

    private static DynamicTest wrong(String name, double sigma, IntUnaryOperator mistake) {
        return DynamicTest.dynamicTest(name, () -> {
            DiscreteGaussian law = DiscreteGaussian.ofSigma(sigma);
            int[] draws = draw(TableSampler.of(law), MANY);
            assertTrue(LawFit.of(draws, law, 2).fits(), "before the mistake");

            for (int i = 0; i < draws.length; i++) {
                draws[i] = mistake.applyAsInt(draws[i]);
            }

            LawFit fit = LawFit.of(draws, law, 2);
            assertFalse(fit.fits(), fit + ", seed " + SEED);
        });
    }

    /** Sigma right, every part right, and put together too coarsely: only residues show it. */
    @Test
    void aStrideThatTheTableDoesNotSmoothDoesNotFit() {
        DiscreteGaussian law = DiscreteGaussian.ofSigma(200);
        TableSampler coarse = TableSampler.gaussian(law, 2, 20);

        LawFit fit = LawFit.of(draw(coarse, MANY), law, coarse.stride());

        assertFalse(fit.fits(), fit + ", seed " + SEED);
        assertTrue(coarse.distancePerValue().value() > 1e-5, "and it says so: " + coarse.distancePerValue());
    }

    @Test
    void neighbouringDrawsAreNotCorrelated() {
        int[] draws = draw(TableSampler.of(DiscreteGaussian.ofSigma(1000)), MANY);

        for (int lag = 1; lag <= 4; lag++) {
            double sum = 0;
            for (int i = lag; i < draws.length; i++) {
                sum += (double) draws[i] * draws[i - lag];
            }
            double deviations = sum / Math.sqrt(draws.length) / 1e6;
            assertTrue(Math.abs(deviations) < LawFit.MOST, "lag " + lag + ": " + deviations + ", seed " + SEED);
        }
    }

    private static int[] draw(NoiseSampler sampler, int count) {
        int[] draws = new int[count];
        sampler.fill(draws, 0, count, InsecureNoiseSource.replaying(SEED));
        return draws;
    }
}
