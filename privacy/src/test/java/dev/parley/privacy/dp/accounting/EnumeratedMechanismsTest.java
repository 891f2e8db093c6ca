package dev.parley.privacy.dp.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

/** Mechanisms with so few outcomes that delta can be added up, and what a wrong accountant would say of them. */
class EnumeratedMechanismsTest {
    private static final NeighbouringRelation RELATION = NeighbouringRelation.ADD_OR_REMOVE_ONE;

    /** Delta of randomised response made n times: a binomial sum. */
    private static double responses(double epsilon0, int n, double epsilon) {
        double stay = 1 / (1 + Math.exp(-epsilon0));
        double sum = 0;
        double logCoefficient = 0;
        for (int k = 0; k <= n; k++) {
            double loss = (2 * k - n) * epsilon0;
            if (loss > epsilon) {
                double log = logCoefficient + k * Math.log(stay) + (n - k) * Math.log1p(-stay);
                sum += Math.exp(log) * -Math.expm1(epsilon - loss);
            }
            logCoefficient += Math.log((n - k) / (k + 1.0));
        }
        return sum;
    }

    /** Where a delta that falls with epsilon reaches a value. */
    private static double inverse(DoubleUnaryOperator delta, double value, double most) {
        double low = 0;
        double high = most;
        if (delta.applyAsDouble(0) <= value) {
            return 0;
        }
        for (int i = 0; i < 200; i++) {
            double middle = 0.5 * (low + high);
            if (delta.applyAsDouble(middle) > value) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    @Property(tries = 80)
    void randomisedResponseLiesBetweenTheBounds(
            @ForAll @DoubleRange(min = 0.01, max = 1) @Scale(5) double epsilon0,
            @ForAll @IntRange(min = 1, max = 200) int n,
            @ForAll @DoubleRange(min = 1, max = 10) double exponent) {
        double delta = Math.pow(10, -exponent);
        Composition composition =
                Composition.under(RELATION).and(new Mechanism.Stated(new Epsilon(epsilon0), Delta.ZERO), n);

        EpsilonBounds bounds = new PldAccountant().bounds(composition, new Delta(delta));

        double exact = inverse(epsilon -> responses(epsilon0, n, epsilon), delta, n * epsilon0 + 1e-9);
        // The binomial sum itself is good to about 1e-12 of delta.
        assertTrue(bounds.upper().value() >= exact - 1e-9, bounds + " against " + exact);
        assertTrue(bounds.lower().value() <= exact + 1e-9, bounds + " against " + exact);
        assertTrue(bounds.upper().value() - bounds.lower().value() < 1e-3, bounds + " against " + exact);
        double claimed = new PldAccountant().delta(composition, bounds.upper()).value();
        assertTrue(claimed >= responses(epsilon0, n, bounds.upper().value()) * (1 - 1e-9));
    }

    @Property(tries = 40)
    void gaussianLiesBetweenTheBoundsOfTheGrid(
            @ForAll @DoubleRange(min = 0.3, max = 20) double sigma,
            @ForAll @IntRange(min = 1, max = 3000) int n,
            @ForAll @DoubleRange(min = 2, max = 14) double exponent) {
        // Through the grid on purpose: the accountant itself would take the closed form.
        double delta = Math.pow(10, -exponent);
        LawPlan plan = GridLaws.plan(GaussianPair.remove(sigma, 1), n, delta);

        double exact = AnalyticGaussian.epsilon(sigma / Math.sqrt(n), delta);

        double slack = 1e-9 * (1 + exact);
        assertTrue(plan.law(Bound.UPPER).epsilon(delta) >= exact - slack);
        assertTrue(plan.law(Bound.LOWER).epsilon(delta) <= exact + slack);
        assertEquals(exact, plan.law(Bound.UPPER).epsilon(delta), 1e-4 * Math.max(1, exact / 60));
    }

    @Property(tries = 25)
    void swappingNeighboursChangesNothing(
            @ForAll @DoubleRange(min = 0.001, max = 1) @Scale(4) double rate,
            @ForAll @DoubleRange(min = 0.5, max = 5) double sigma,
            @ForAll @IntRange(min = 1, max = 500) int n) {
        // delta(epsilon) of (P, Q) is 1 - e^epsilon (1 - delta(-epsilon)) of (Q, P); at epsilon 0 both are the total
        // variation.
        double removed = GridLaws.planAtZero(GaussianPair.remove(sigma, rate), n)
                .law(Bound.UPPER)
                .delta(0);
        double added = GridLaws.planAtZero(GaussianPair.add(sigma, rate), n)
                .law(Bound.UPPER)
                .delta(0);
        double removedBelow = GridLaws.planAtZero(GaussianPair.remove(sigma, rate), n)
                .law(Bound.LOWER)
                .delta(0);
        double addedBelow = GridLaws.planAtZero(GaussianPair.add(sigma, rate), n)
                .law(Bound.LOWER)
                .delta(0);

        assertTrue(removedBelow <= added && addedBelow <= removed, removed + " and " + added);
    }

    @Test
    void aWrongAccountantFailsTheSameCheck() {
        double exact = inverse(epsilon -> responses(0.1234, 100, epsilon), 1e-6, 20);

        // Rounded to the nearer grid point, as a naive discretisation does, and with the sign of the loss turned
        // around.
        double rounded = GridLaws.roundedDown(0.1234, 100, 0.01, 1e-6);
        double turned =
                GridLaws.epsilonOfAtoms(new double[] {-0.1234, 0.1234}, new double[] {0.5308, 0.4692}, 100, 1e-6);

        assertFalse(rounded >= exact - 1e-9, rounded + " against " + exact);
        assertFalse(turned >= exact - 1e-9, turned + " against " + exact);
        assertTrue(GridLaws.epsilonOfAtoms(
                        new double[] {-0.1234, 0.1234},
                        new double[] {1 / (1 + Math.exp(0.1234)), 1 / (1 + Math.exp(-0.1234))},
                        100,
                        1e-6)
                >= exact - 1e-9);
    }

    @Test
    void laplaceOnceIsPure() {
        Composition composition = Composition.under(RELATION).and(new Mechanism.Laplace(2));

        EpsilonBounds bounds = new PldAccountant().bounds(composition, new Delta(1e-9));

        // delta(epsilon) = 1 - e^((epsilon - epsilon0) / 2) for one release.
        double exact = 0.5 + 2 * Math.log1p(-1e-9);
        assertEquals(exact, bounds.upper().value(), 1e-5);
        assertTrue(bounds.lower().value() <= exact && exact <= bounds.upper().value(), bounds.toString());
    }

    @Test
    void noiseOnIntegersApproachesNoiseOnReals() {
        double sigma = 40;
        double exact = AnalyticGaussian.epsilon(new NoiseMultiplier(sigma / 10), new Delta(1e-6))
                .value();
        for (Mechanism mechanism :
                new Mechanism[] {new Mechanism.DiscreteGaussian(sigma, 10), new Mechanism.Skellam(sigma * sigma, 10)}) {
            EpsilonBounds bounds =
                    new PldAccountant().bounds(Composition.under(RELATION).and(mechanism), new Delta(1e-6));
            assertEquals(exact, bounds.upper().value(), 0.02, mechanism.toString());
            assertTrue(bounds.upper().value() - bounds.lower().value() < 1e-4, bounds.toString());
        }
    }

    @Test
    void discreteLaplaceOfOneIsRandomisedResponse() {
        Composition noise = Composition.under(RELATION).and(new Mechanism.DiscreteLaplace(4, 1), 50);
        Composition stated = Composition.under(RELATION).and(new Mechanism.Stated(new Epsilon(0.25), Delta.ZERO), 50);

        assertEquals(
                new PldAccountant().epsilon(stated, new Delta(1e-6)).value(),
                new PldAccountant().epsilon(noise, new Delta(1e-6)).value(),
                1e-9);
    }
}
