package dev.parley.privacy.statistics;

import java.security.SecureRandom;

/** Private statistics by Parley's own sampler. */
class OwnNoiseStatisticsTest extends StatisticsRules {
    @Override
    IntegerMechanism mechanism() {
        return new DiscreteGaussianMechanism(new SecureRandom(), "under test");
    }
}
