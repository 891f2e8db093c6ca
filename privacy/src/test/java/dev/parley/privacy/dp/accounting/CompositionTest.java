package dev.parley.privacy.dp.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.SamplingRate;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompositionTest {
    private static final Delta DELTA = new Delta(1e-6);
    private static final Composition NOTHING = Composition.under(NeighbouringRelation.ADD_OR_REMOVE_ONE);
    private final PldAccountant pld = new PldAccountant();

    @Test
    void isAValue() {
        Composition once = NOTHING.and(new Mechanism.Laplace(3));
        Composition twice = once.and(new Mechanism.Laplace(3));

        assertEquals(Map.of(new Mechanism.Laplace(3), 1L), once.counts());
        assertEquals(Map.of(new Mechanism.Laplace(3), 2L), twice.counts());
        assertThrows(UnsupportedOperationException.class, () -> once.counts().clear());
        assertThrows(IllegalArgumentException.class, () -> once.and(new Mechanism.Laplace(3), 0));
    }

    @Test
    void nothingCostsNothing() {
        assertEquals(0, pld.bounds(NOTHING, DELTA).upper().value());
        assertEquals(0, new RdpAccountant().epsilon(NOTHING, DELTA).value());
    }

    @Test
    void tenThousandRoundsOfMixedMechanisms() {
        Composition rounds = NOTHING.and(Vectors.sampled(0.001, 1.0), 6000)
                .and(Vectors.sampled(0.005, 2.0), 3000)
                .and(new Mechanism.Laplace(400), 500)
                .and(new Mechanism.DiscreteGaussian(60, 1), 300)
                .and(new Mechanism.Skellam(2500, 1), 100)
                .and(new Mechanism.Gaussian(new NoiseMultiplier(80)), 99)
                .and(new Mechanism.Stated(new Epsilon(0.1), new Delta(1e-9)));

        EpsilonBounds bounds = pld.bounds(rounds, DELTA);

        double rdp = 0;
        for (Map.Entry<Mechanism, Long> part : rounds.counts().entrySet()) {
            rdp = Math.max(
                    rdp,
                    pld.epsilon(NOTHING.and(part.getKey(), part.getValue()), DELTA)
                            .value());
        }
        assertTrue(bounds.lower().value() > rdp, "the whole costs more than any part: " + bounds + " and " + rdp);
        // Laplace's two atoms lie on no common grid with the others, which the lower bound pays for.
        assertTrue(bounds.upper().value() - bounds.lower().value() < 0.02, bounds.toString());
    }

    @Test
    void orderDoesNotMatter() {
        Mechanism a = Vectors.sampled(0.01, 1.0);
        Mechanism b = new Mechanism.Laplace(20);

        double one = pld.epsilon(NOTHING.and(a, 50).and(b, 30), DELTA).value();
        double other =
                pld.epsilon(NOTHING.and(b, 30).and(a, 20).and(a, 30), DELTA).value();

        assertEquals(one, other, 1e-5);
    }

    @Test
    void aTreeIsOneGaussianRelease() {
        NoiseMultiplier noise = new NoiseMultiplier(10);
        // 8 steps: a unit is in a leaf and in 3 nodes above it.
        Composition tree = NOTHING.and(Mechanism.MatrixFactorisation.tree(noise, 8));

        assertEquals(
                AnalyticGaussian.epsilon(new NoiseMultiplier(5), DELTA).value(),
                pld.epsilon(tree, DELTA).value(),
                1e-8);
    }

    @Test
    void batchesOfFixedSizeAreAccountedForReplacedUnitsOnly() {
        Mechanism fixed = new Mechanism.FixedSizeSampled(10, 1000, new NoiseMultiplier(2));
        Composition replaced =
                Composition.under(NeighbouringRelation.REPLACE_ONE).and(fixed, 500);

        EpsilonBounds bounds = pld.bounds(replaced, DELTA);

        assertTrue(bounds.upper().value() - bounds.lower().value() < 1e-3, bounds.toString());
        // The Rényi divergence of the same pair must agree that this is an upper bound of something.
        assertTrue(new RdpAccountant().epsilon(replaced, DELTA).value()
                >= bounds.lower().value());
        var refused = assertThrows(NoAnalysisException.class, () -> pld.bounds(NOTHING.and(fixed), DELTA));
        assertTrue(refused.getMessage().contains("sample by Poisson"), refused.getMessage());
    }

    @Test
    void oneBatchOfFixedSizeHasTheAmplifiedEpsilonOfBalleBartheGaboardi() {
        // Theorem 9 of Balle, Barthe and Gaboardi 2018: delta' = rate delta(epsilon) at epsilon' = log(1 + rate
        // (e^epsilon - 1)).
        double rate = 0.05;
        double epsilon = 3;
        double delta = rate * AnalyticGaussian.delta(1.5 / 2, epsilon);
        Composition once = Composition.under(NeighbouringRelation.REPLACE_ONE)
                .and(new Mechanism.FixedSizeSampled(50, 1000, new NoiseMultiplier(1.5)));

        EpsilonBounds bounds = pld.bounds(once, new Delta(delta));

        double exact = Math.log1p(rate * Math.expm1(epsilon));
        assertEquals(exact, bounds.upper().value(), 1e-4);
        assertTrue(bounds.lower().value() <= exact && exact <= bounds.upper().value(), bounds + " and " + exact);
    }

    @Test
    void whatHasNoAnalysisIsRefusedInWords() {
        Mechanism laplace = new Mechanism.PoissonSampled(new SamplingRate(0.1), new Mechanism.Laplace(2));
        Composition replaced = Composition.under(NeighbouringRelation.REPLACE_ONE);

        assertTrue(pld.epsilon(NOTHING.and(laplace, 10), DELTA).isBounded());
        assertThrows(NoAnalysisException.class, () -> pld.epsilon(replaced.and(laplace), DELTA));
        assertThrows(
                NoAnalysisException.class, () -> pld.epsilon(NOTHING.and(new Mechanism.ZeroConcentrated(1)), DELTA));
        assertThrows(IllegalArgumentException.class, () -> pld.epsilon(NOTHING, Delta.ZERO));
    }

    @Test
    void deltaThatIsSpentOutrightIsNoLongerThere() {
        Composition told = NOTHING.and(new Mechanism.Stated(new Epsilon(0.5), new Delta(4e-7)), 3);

        assertFalse(pld.epsilon(told, DELTA).isBounded());
        assertTrue(pld.epsilon(told, new Delta(2e-6)).isBounded());
    }

    @Test
    void zeroConcentratedAgreesWithItsOwnAccountant() {
        Composition rho = NOTHING.and(new Mechanism.ZeroConcentrated(0.05), 2);

        double fixedOrders = new RdpAccountant().epsilon(rho, DELTA).value();
        double best = RenyiConversion.ofZeroConcentrated(0.1, DELTA).value();

        assertTrue(best <= fixedOrders && fixedOrders < best + 1e-2, best + " and " + fixedOrders);
        // Noise of that rho has an epsilon of its own, which no conversion may undercut.
        assertTrue(best >= AnalyticGaussian.epsilon(Math.sqrt(1 / 0.2), DELTA.value()));
    }

    @Test
    void calibrationFindsWhatJustFits() {
        var target = new Epsilon(2);
        var calibration = new Calibration(pld, NeighbouringRelation.ADD_OR_REMOVE_ONE, target, DELTA);
        SamplingRate rate = new SamplingRate(0.01);

        NoiseMultiplier noise = calibration.noise(rate, 500);
        long steps = calibration.steps(rate, noise);
        SamplingRate highest = calibration.rate(noise, 500);

        assertTrue(pld.epsilon(NOTHING.and(Vectors.sampled(0.01, noise.value()), 500), DELTA)
                        .compareTo(target)
                <= 0);
        assertTrue(pld.epsilon(NOTHING.and(Vectors.sampled(0.01, noise.value() * 0.9998), 500), DELTA)
                        .compareTo(target)
                > 0);
        assertEquals(500, steps, 1);
        assertEquals(0.01, highest.value(), 3e-6);
    }
}
