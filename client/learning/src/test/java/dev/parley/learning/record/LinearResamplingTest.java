package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LinearResamplingTest {
    @Property(tries = 300, seed = "20261125")
    void theSameRateGivesBackEveryBit(
            @ForAll @IntRange(min = 1, max = 2000) int length,
            @ForAll @DoubleRange(min = 0.01, max = 1e5) double rate) {
        var random = new SplittableRandom(length);
        double[] samples = random.doubles(length).toArray();

        for (int t = 0; t < length; t++) {
            assertEquals(samples[t], LinearResampling.at(samples, t * rate / rate));
        }
        assertTrue(Double.isNaN(LinearResampling.at(samples, length)));
    }

    @Property(tries = 300, seed = "20261125")
    void aConstantStaysConstantAndARampStaysARamp(
            @ForAll @IntRange(min = 2, max = 500) int length,
            @ForAll @DoubleRange(min = 0.1, max = 200) double stored,
            @ForAll @DoubleRange(min = 0.1, max = 200) double declared) {
        double[] constant = new double[length];
        Arrays.fill(constant, 4.2);
        double[] ramp = new double[length];
        Arrays.setAll(ramp, i -> 3 + 0.5 * i / stored);

        for (int t = 0; t < length; t++) {
            double position = t * stored / declared;
            boolean measured = position <= (length - 1) * (1 + 1e-9);
            assertEquals(measured ? 4.2 : Double.NaN, LinearResampling.at(constant, position), 1e-9);
            assertEquals(measured ? 3 + 0.5 * t / declared : Double.NaN, LinearResampling.at(ramp, position), 1e-6);
        }
    }

    @Test
    void nothingIsInventedBehindTheLastSample() {
        double[] samples = {1, 2, 3};

        assertEquals(3, LinearResampling.at(samples, 2));
        assertTrue(Double.isNaN(LinearResampling.at(samples, 2.01)));
    }
}
