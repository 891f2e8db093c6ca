package dev.parley.privacy.dp.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.dp.accounting.Composition;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.accounting.PldAccountant;
import dev.parley.privacy.dp.noise.StatisticalDistance;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SpendingTest {
    private static final Delta DELTA = new Delta(1e-5);

    private static Budget budget(double epsilon, PrivacyUnit unit) {
        return new Budget(unit, NeighbouringRelation.ADD_OR_REMOVE_ONE, new Epsilon(epsilon), DELTA);
    }

    private static Release gaussian(double noise) {
        return new Release(
                "a count",
                PrivacyUnit.RECORD,
                new Mechanism.Gaussian(new NoiseMultiplier(noise)),
                1,
                StatisticalDistance.ZERO);
    }

    private static Release training(double noise, long steps) {
        return new Release(
                "training",
                PrivacyUnit.RECORD,
                new Mechanism.PoissonSampled(
                        new SamplingRate(0.01), new Mechanism.Gaussian(new NoiseMultiplier(noise))),
                steps,
                StatisticalDistance.ZERO);
    }

    @Test
    void releasesAreComposedAndNotAddedUp() {
        Spending spending = Spending.none(budget(10, PrivacyUnit.RECORD));
        double one = spending.with(training(1.1, 100)).epsilon().value();
        for (int i = 0; i < 10; i++) {
            spending = spending.with(training(1.1, 100));
        }
        Composition all = Composition.under(NeighbouringRelation.ADD_OR_REMOVE_ONE)
                .and(training(1.1, 1).mechanism(), 1000);

        assertEquals(
                new PldAccountant().epsilon(all, DELTA).value(),
                spending.epsilon().value(),
                1e-6);
        assertTrue(spending.epsilon().value() < 5 * one, spending.epsilon() + " and ten times " + one);
        assertEquals(10, spending.releases());
    }

    @Test
    void theReleaseThatWouldExceedIsRefusedAndNothingIsSpent() {
        Spending spending = Spending.none(budget(1, PrivacyUnit.RECORD)).with(gaussian(6));
        double before = spending.epsilon().value();

        Decision.Refused refused = assertInstanceOf(Decision.Refused.class, spending.judge(gaussian(4)));

        assertEquals(Decision.Reason.OVER_BUDGET, refused.reason());
        assertTrue(refused.message().contains("would bring what is spent from epsilon"), refused.message());
        assertEquals(before, spending.epsilon().value());
        assertInstanceOf(Decision.Granted.class, spending.judge(gaussian(6)));
    }

    /** A budget for subjects is not paid in records: a subject may have a thousand of them. */
    @Test
    void aReleaseThatProtectsSmallerUnitsIsRefused() {
        Spending spending = Spending.none(budget(100, PrivacyUnit.SUBJECT));

        Decision.Refused refused = assertInstanceOf(Decision.Refused.class, spending.judge(gaussian(50)));

        assertEquals(Decision.Reason.UNIT_TOO_SMALL, refused.reason());
        assertEquals(
                Epsilon.UNBOUNDED, spending.with(gaussian(50)).epsilon(), "had it been made, nothing would be left");
    }

    @Test
    void oneThatProtectsLargerUnitsIsTaken() {
        Release whole =
                new Release("an update", PrivacyUnit.SITE, gaussian(6).mechanism(), 1, StatisticalDistance.ZERO);

        assertInstanceOf(
                Decision.Granted.class,
                Spending.none(budget(1, PrivacyUnit.RECORD)).judge(whole));
    }

    @Test
    void whatNobodyCanAccountIsRefused() {
        Release odd = new Release(
                "a draw",
                PrivacyUnit.RECORD,
                new Mechanism.FixedSizeSampled(10, 100, new NoiseMultiplier(1)),
                1,
                StatisticalDistance.ZERO);
        Decision decision = Spending.none(budget(100, PrivacyUnit.RECORD)).judge(odd);

        // Fixed-size batches make sense where the number of units is public.
        assertEquals(
                Decision.Reason.NO_ANALYSIS,
                assertInstanceOf(Decision.Refused.class, decision).reason());
    }

    /** Noise that is not what is accounted costs delta, and so much of it that nothing is left. */
    @Test
    void noiseTooFarFromItsLawIsNoPromise() {
        Release near =
                new Release("near", PrivacyUnit.RECORD, gaussian(6).mechanism(), 1, new StatisticalDistance(1e-24));
        Release far = new Release("far", PrivacyUnit.RECORD, gaussian(6).mechanism(), 1, new StatisticalDistance(1e-9));
        Spending spending = Spending.none(budget(8, PrivacyUnit.RECORD));

        assertTrue(spending.with(near).epsilon().isBounded());
        assertFalse(spending.with(far).epsilon().isBounded());
        assertInstanceOf(Decision.Refused.class, spending.judge(far));
    }

    @Test
    void theForecastIsTheLastReleaseThatFits() {
        Release round = training(1.1, 50);
        Spending spending = Spending.none(budget(2, PrivacyUnit.RECORD)).with(round);
        long left = spending.affordable(round);

        assertTrue(left > 1, "left " + left);
        for (long i = 0; i < left; i++) {
            spending = spending.with(round);
        }
        assertTrue(spending.epsilon().value() <= 2, spending.epsilon().toString());
        assertEquals(0, spending.affordable(round));
        assertInstanceOf(Decision.Refused.class, spending.judge(round));
    }

    @Property(tries = 100, seed = "20261125")
    void anOrderOfReleasesNeverMattersAndNoneMakesTheLossSmaller(
            @ForAll @Size(min = 1, max = 8) List<@DoubleRange(min = 1, max = 50) Double> noises, @ForAll int seed) {
        List<Double> shuffled = new ArrayList<>(noises);
        Collections.shuffle(shuffled, new Random(seed));
        double spent = 0;
        Spending first = Spending.none(budget(1000, PrivacyUnit.RECORD));
        for (double noise : noises) {
            first = first.with(gaussian(noise));
            assertTrue(first.epsilon().value() >= spent);
            spent = first.epsilon().value();
        }
        Spending second = Spending.none(budget(1000, PrivacyUnit.RECORD));
        for (double noise : shuffled) {
            second = second.with(gaussian(noise));
        }

        assertEquals(spent, second.epsilon().value(), 1e-12 * spent);
    }

    @Property(tries = 60, seed = "20261125")
    void grantedReleasesNeverExceedTheBudget(
            @ForAll @DoubleRange(min = 0.1, max = 4) double epsilon,
            @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 2, max = 60) Integer> noises) {
        Spending spending = Spending.none(budget(epsilon, PrivacyUnit.RECORD));
        for (int noise : noises) {
            if (spending.judge(gaussian(noise)) instanceof Decision.Granted granted) {
                spending = spending.with(gaussian(noise));
                assertEquals(granted.spent(), spending.epsilon());
            }
            assertTrue(spending.epsilon().value() <= epsilon);
        }
    }

    @Test
    void aBudgetThatIsNoneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> budget(Double.POSITIVE_INFINITY, PrivacyUnit.RECORD));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Budget(PrivacyUnit.RECORD, NeighbouringRelation.REPLACE_ONE, new Epsilon(1), Delta.ZERO));
    }
}
