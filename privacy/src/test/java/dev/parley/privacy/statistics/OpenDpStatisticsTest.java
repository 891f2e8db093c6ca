package dev.parley.privacy.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.opendp.OpenDpTesting;
import dev.parley.privacy.opendp.RequiresOpenDp;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

/** Private statistics by OpenDP: as by Parley's own noise, at the same cost and as wide. */
@RequiresOpenDp
class OpenDpStatisticsTest extends StatisticsRules {
    @Override
    IntegerMechanism mechanism() {
        return new OpenDpMechanism(OpenDpTesting.open(), OpenDpTesting.library());
    }

    @Test
    void bothCostTheSameAndAreAsWide() {
        try (IntegerMechanism openDp = mechanism();
                IntegerMechanism own = new DiscreteGaussianMechanism(new SecureRandom(), "under test")) {
            for (double scale : new double[] {0.3, 1, 2.5, 30, 1000}) {
                for (double alpha : new double[] {0.1, 0.05, 0.001}) {
                    assertEquals(openDp.halfWidth(scale, alpha), own.halfWidth(scale, alpha), scale + ", " + alpha);
                }
                assertEquals(
                        openDp.counts(new int[] {0, 1}, 3, 2, scale).cost().value(),
                        own.counts(new int[] {0, 1}, 3, 2, scale).cost().value(),
                        1e-14 / (scale * scale));
                assertEquals(
                        openDp.sum(new long[] {5, -7}, 100, 2, scale).cost().value(),
                        own.sum(new long[] {5, -7}, 100, 2, scale).cost().value(),
                        1e-10 / (scale * scale));
            }
        }
    }

    @Test
    void openDpIsTakenWhereItIs() {
        try (IntegerMechanism available = IntegerMechanism.available(new SecureRandom())) {
            assertInstanceOf(OpenDpMechanism.class, available);
            assertTrue(available.description().startsWith("OpenDP 0.15.1"), available.description());
        }
    }
}
