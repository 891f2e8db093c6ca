package dev.parley.privacy.secagg.mask;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.DeterministicRandom;
import dev.parley.privacy.secagg.key.SecretSeed;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pearson's chi-square test that a masked vector of zeros is uniform, over the 4,096 values of its elements' lowest and of
 * their highest 12 bits. The statistic has mean 4,095 and standard deviation 90.5; it is let vary by six of them either
 * way, which a uniform source fails about once in 10^8. That the test can fail, the second one shows: a vector that was
 * not masked fails it, and so does a uniform one whose top bit is set in 60% of the elements.
 */
class UniformityTest {
    private static final long SEED = 20261125;
    private static final int ELEMENTS = 409_600;
    private static final int CELLS = 4096;
    private static final double DEVIATION = Math.sqrt(2.0 * (CELLS - 1));

    @ParameterizedTest
    @ValueSource(ints = {12, 20, 32})
    void aMaskedVectorOfZerosLooksUniform(int bits) {
        DeterministicRandom random = new DeterministicRandom(SEED);
        RingModulus modulus = new RingModulus(bits);
        OneTimeMask mask = OneTimeMask.of(SecretSeed.random(random), MaskStreamTest.terms(3, random.nextLong()));
        RingSum masked = new RingSum(ELEMENTS, modulus);

        masked.add(EncodedRing.adopting(new int[ELEMENTS], modulus).mask(mask));

        assertTrue(looksUniform(masked.centred(), 0), "lowest 12 of " + bits + " bits, seed " + SEED);
        assertTrue(looksUniform(masked.centred(), bits - 12), "highest 12 of " + bits + " bits, seed " + SEED);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 20, 32})
    void aVectorThatWasNotMaskedDoesNot(int bits) {
        RingModulus modulus = new RingModulus(bits);
        int[] zeros = new int[ELEMENTS];
        int[] slightlySkewed = skewed(bits);

        assertFalse(looksUniform(zeros, 0));
        assertFalse(looksUniform(slightlySkewed, bits - 12), modulus + ", seed " + SEED);
    }

    /** Uniform, but for a top bit that is set in 60% of the elements. */
    private static int[] skewed(int bits) {
        DeterministicRandom random = new DeterministicRandom(SEED);
        int[] elements = random.ints(ELEMENTS).toArray();
        for (int i = 0; i < ELEMENTS; i += 5) {
            elements[i] |= 1 << bits - 1;
        }
        return elements;
    }

    private static boolean looksUniform(int[] elements, int shift) {
        int[] counts = new int[CELLS];
        for (int element : elements) {
            counts[element >>> shift & CELLS - 1]++;
        }
        double expected = (double) ELEMENTS / CELLS;
        double statistic = 0;
        for (int count : counts) {
            statistic += (count - expected) * (count - expected) / expected;
        }
        return Math.abs(statistic - (CELLS - 1)) < 6 * DEVIATION;
    }
}
