package dev.parley.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivacyValuesTest {
    @ParameterizedTest
    @ValueSource(doubles = {-1e-300, -1, Double.NaN, Double.NEGATIVE_INFINITY})
    void noValueIsNegativeOrNaN(double value) {
        assertThrows(IllegalArgumentException.class, () -> new Epsilon(value));
        assertThrows(IllegalArgumentException.class, () -> new Delta(value));
        assertThrows(IllegalArgumentException.class, () -> new NoiseMultiplier(value));
        assertThrows(IllegalArgumentException.class, () -> new SamplingRate(value));
    }

    @Test
    void probabilitiesEndAtOneAndNoiseIsNeverAbsent() {
        assertThrows(IllegalArgumentException.class, () -> new Delta(Math.nextUp(1.0)));
        assertThrows(IllegalArgumentException.class, () -> new SamplingRate(Math.nextUp(1.0)));
        assertThrows(IllegalArgumentException.class, () -> new SamplingRate(0));
        assertThrows(IllegalArgumentException.class, () -> new NoiseMultiplier(0));
        assertThrows(IllegalArgumentException.class, () -> new NoiseMultiplier(Double.POSITIVE_INFINITY));
    }

    @Test
    void onlyAnInfiniteEpsilonPromisesNothing() {
        assertTrue(new Epsilon(Double.MAX_VALUE).isBounded());
        assertFalse(Epsilon.UNBOUNDED.isBounded());
    }
}
