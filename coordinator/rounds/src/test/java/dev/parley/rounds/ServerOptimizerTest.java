package dev.parley.rounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.WeightedMean;
import dev.parley.rounds.ServerOptimizer.FedAdam;
import dev.parley.rounds.ServerOptimizer.FedAvg;
import dev.parley.rounds.ServerOptimizer.Step;
import org.junit.jupiter.api.Test;

/** Two steps of each optimiser against numbers worked out by hand. */
class ServerOptimizerTest {
    private static final ParameterVector MODEL = FederationFixture.vector(1, -2, 0);

    @Test
    void federatedAveragingAddsTheMean() {
        ServerOptimizer optimizer = new FedAvg();

        Step first = optimizer.step(MODEL, mean(0.5f, 0.25f, -1), optimizer.initial(MODEL.layout()));
        Step second = optimizer.step(first.model(), mean(0.5f, 0.25f, -1), first.state());

        assertEquals(FederationFixture.vector(1.5f, -1.75f, -1), first.model());
        assertEquals(FederationFixture.vector(2, -1.5f, -2), second.model());
        assertInstanceOf(OptimizerState.Stateless.class, second.state());
    }

    @Test
    void momentumCarriesHalfOfTheLastStepOn() {
        ServerOptimizer optimizer = new FedAvg(0.5, 0.5);

        Step first = optimizer.step(MODEL, mean(1, 0, 2), optimizer.initial(MODEL.layout()));
        Step second = optimizer.step(first.model(), mean(1, 0, -2), first.state());

        // v = (1, 0, 2), then 0.5 v + (1, 0, -2) = (1.5, 0, -1); each times 0.5.
        assertEquals(FederationFixture.vector(1.5f, -2, 1), first.model());
        assertEquals(FederationFixture.vector(2.25f, -2, 0.5f), second.model());
        assertEquals(new OptimizerState.Velocity(FederationFixture.vector(1.5f, 0, -1)), second.state());
    }

    @Test
    void adamFollowsAlgorithmTwo() {
        // Powers of two, so that every intermediate value is exact: eta 1, beta1 1/2, beta2 3/4, tau 1/2.
        ServerOptimizer optimizer = new FedAdam(1, 0.5, 0.75, 0.5);
        OptimizerState initial = optimizer.initial(MODEL.layout());
        assertEquals(
                new OptimizerState.Moments(
                        ParameterVector.zeros(MODEL.layout()), FederationFixture.vector(0.25f, 0.25f, 0.25f)),
                initial);

        // mean 2: m = 1, v = 0.75 x 0.25 + 0.25 x 4 = 1.1875. mean 0: m = 0, v = 0.1875.
        Step first = optimizer.step(MODEL, mean(2, 0, -2), initial);
        // mean -2: m = 0.5 x 1 - 1 = -0.5, v = 0.75 x 1.1875 + 1 = 1.890625 (its root is 1.375).
        Step second = optimizer.step(first.model(), mean(-2, 0, 2), first.state());

        double step = 1 / (Math.sqrt(1.1875) + 0.5);
        assertEquals((float) (1 + step), first.model().get(0));
        assertEquals(-2, first.model().get(1), "a value that no site changes stays, as agreed statistics must");
        assertEquals((float) -step, first.model().get(2));
        assertEquals(
                (float) (first.model().get(0) - 0.5 / (1.375 + 0.5)),
                second.model().get(0));
        OptimizerState.Moments moments = assertInstanceOf(OptimizerState.Moments.class, second.state());
        assertEquals(-0.5f, moments.first().get(0));
        assertEquals(1.890625f, moments.second().get(0));
        assertEquals(0.5f, moments.first().get(2));
    }

    @Test
    void aStepChangesNothingItWasGiven() {
        ServerOptimizer optimizer = new FedAdam(0.1, 0.9, 0.99, 1e-3);
        OptimizerState initial = optimizer.initial(MODEL.layout());

        Step once = optimizer.step(MODEL, mean(1, 2, 3), initial);
        Step again = optimizer.step(MODEL, mean(1, 2, 3), initial);

        assertEquals(once, again);
        assertEquals(FederationFixture.vector(1, -2, 0), MODEL);
    }

    @Test
    void aStateOfAnotherOptimizerIsRefused() {
        OptimizerState velocity = new FedAvg(1, 0.9).initial(MODEL.layout());

        for (ServerOptimizer other : new ServerOptimizer[] {new FedAvg(), new FedAdam(1, 0.9, 0.99, 1e-3)}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> other.step(MODEL, mean(1, 1, 1), velocity));
            assertTrue(refused.getMessage().contains("cannot go on from a Velocity"), refused.getMessage());
        }
    }

    @Test
    void settingsOutsideTheirRangeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new FedAvg(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new FedAvg(Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new FedAvg(1, 1));
        assertThrows(IllegalArgumentException.class, () -> new FedAdam(1, -0.1, 0.99, 1e-3));
        assertThrows(IllegalArgumentException.class, () -> new FedAdam(1, 0.9, 1, 1e-3));
        assertThrows(IllegalArgumentException.class, () -> new FedAdam(1, 0.9, 0.99, 0));
    }

    private static WeightedMean mean(float... update) {
        return new WeightedMean(FederationFixture.vector(update), 1, 1);
    }
}
