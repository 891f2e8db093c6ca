package dev.parley.privacy.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.noise.DistributedGaussianSum;
import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.dp.noise.NoiseLaw;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.dp.noise.TableSampler;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.RingModulus;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Noise that sites add together inside the sum: its size at the dropout floor, its room on the ring, what it may not tell. */
class DistributedNoiseTest {
    private static final ContributionWeight FULL = new ContributionWeight(1);
    private static final ClipNorm BOUND = new ClipNorm(2);
    private static final long SEED = 20261125;

    @ParameterizedTest
    @CsvSource({"100, 1024, 101.843016", "10, 1024, 19.544820", "1000, 1048576, 1124.124548"})
    void theSensitivityIsThePublishedRoundedNorm(double c, int d, double expected) {
        assertEquals(expected, UpdateEncoding.roundedNormBound(c, d), 1e-6);
    }

    @Test
    void theReleaseSaysWhatTheDeclarationMeans() {
        UpdateEncoding encoding = encoding(1000, 10, 24, gaussian(1.5, 7));

        DistributedGaussianSum release = encoding.release().orElseThrow();

        assertEquals(encoding.roundedNormBound(), release.l2Sensitivity(), 1e-9 * release.l2Sensitivity());
        assertTrue(release.l2Sensitivity() >= encoding.roundedNormBound(), release::toString);
        assertEquals(7, release.shares());
        assertTrue(release.centralSigma() >= 1.5 * release.l2Sensitivity(), release::toString);
        assertEquals(1.5, release.centralSigma() / release.l2Sensitivity(), 1e-9);
        assertTrue(release.samplersDistance().value() < 0x1p-100, release::toString);
        assertTrue(encoding(1000, 10, 24, new UpdateNoise.None()).release().isEmpty());
    }

    /** The same rounding as without noise, and the noise of the source on top. */
    @Test
    void whatIsAddedIsTheSourcesNoiseAndNothingElse() {
        UpdateEncoding encoding = encoding(500, 10, 24, gaussian(1, 5));
        ParameterVector update = update(500, 1);
        int[] rounded = encoding.encodedElements(update, FULL, secret(1));
        int[] noise = new int[500];
        TableSampler.of(NoiseLaw.DiscreteGaussian.ofSigma(
                        encoding.release().orElseThrow().localSigma()))
                .fill(noise, 0, 500, InsecureNoiseSource.replaying(SEED));
        for (int i = 0; i < 500; i++) {
            rounded[i] += noise[i];
        }

        int[] noised = encoding.noisedElements(update, FULL, secret(1), InsecureNoiseSource.replaying(SEED));

        assertArrayEquals(rounded, noised);
    }

    /** Variance of what is left when the updates are taken off the sum of all survivors. */
    @ParameterizedTest
    @CsvSource({"6, true", "8, true", "12, true", "5, false", "3, false"})
    void theDropoutFloorCarriesTheWholeNoiseAndFewerDoNot(int survivors, boolean enough) {
        int d = 60_000;
        UpdateEncoding encoding = encoding(d, 12, 24, gaussian(0.8, 6));
        NoiseSource source = InsecureNoiseSource.replaying(SEED);
        int[] left = new int[d];
        for (int s = 0; s < survivors; s++) {
            ParameterVector update = update(d, s);
            int[] silent = encoding.encodedElements(update, FULL, secret(s));
            int[] noised = encoding.noisedElements(update, FULL, secret(s), source);
            for (int i = 0; i < d; i++) {
                left[i] += noised[i] - silent[i];
            }
        }
        double squares = 0;
        for (int each : left) {
            squares += (double) each * each;
        }
        double central = 0.8 * encoding.roundedNormBound();

        double ratio = squares / d / central / central;

        double deviation = Math.sqrt(2.0 / d);
        assertEquals(survivors / 6.0, ratio, 6 * deviation * survivors / 6, "seed " + SEED);
        assertEquals(enough, ratio > 1 - 6 * deviation, "seed " + SEED);
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 24, 0.5", "1000, 10, 20, 1", "1025, 100, 28, 2", "5000, 30, 32, 10"})
    void honestNoisySumsAreDecodedAndTheMeanIsRightUpToTheNoise(int d, int sites, int bits, double multiplier) {
        UpdateEncoding encoding = encoding(d, sites, bits, gaussian(multiplier, sites));
        NoiseSource source = InsecureNoiseSource.replaying(SEED);
        int[] sum = new int[encoding.length()];
        double[] exact = new double[d];
        for (int s = 0; s < sites; s++) {
            ParameterVector update = update(d, s);
            int[] noised = encoding.noisedElements(update, FULL, secret(s), source);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += noised[i];
            }
            for (int i = 0; i < d; i++) {
                exact[i] += update.get(i) / (double) sites;
            }
        }

        WeightedMean mean = encoding.decode(sum, sites, layout(d));

        double squares = 0;
        for (int i = 0; i < d; i++) {
            squares += Math.pow(mean.update().get(i) - exact[i], 2);
        }
        double expected = multiplier * encoding.roundedNormBound() / encoding.scale() / sites;
        assertTrue(
                Math.sqrt(squares / d) < expected * (1.1 + 6 / Math.sqrt(2.0 * d)),
                Math.sqrt(squares / d) + " against " + expected);
        assertEquals(sites, mean.totalWeight());
    }

    /** The ring holds all ranges and the tail, and no scale twice as fine does. */
    @Property(tries = 200)
    void rangesAndTailFitTheRingAsFinelyAsTheyCan(
            @ForAll @IntRange(min = 1, max = 100_000) int d,
            @ForAll @IntRange(min = 2, max = 200) int sites,
            @ForAll @IntRange(min = 12, max = 32) int bits,
            @ForAll @DoubleRange(min = 0.1, max = 20) double multiplier,
            @ForAll @IntRange(min = 1, max = 200) int shares) {
        UpdateNoise.DistributedGaussian noise = gaussian(multiplier, Math.min(shares, sites));
        UpdateEncoding encoding = null;
        try {
            encoding = encoding(d, sites, bits, noise);
        } catch (IllegalArgumentException tooNarrow) {
            assertTrue(tooNarrow.getMessage().contains("take a wider ring"), tooNarrow.getMessage());
        }
        Assume.that(encoding != null);
        double half = new RingModulus(bits).size() / 2.0 - 1;
        double coordinate = RandomisedHadamard.coordinateBound(d, BOUND.value());

        assertTrue(needed(d, sites, noise, encoding.scale(), coordinate, 0) <= half, encoding::toString);
        // The range of each site is whole, which costs up to a step for each.
        assertTrue(
                needed(d, sites, noise, 2 * encoding.scale(), coordinate, 1) > half
                        || 2 * localSigma(d, noise, encoding.scale()) > TableSampler.MOST_SIGMA,
                encoding::toString);
    }

    private static double needed(
            int d, int sites, UpdateNoise.DistributedGaussian noise, double scale, double coordinate, double whole) {
        double tail = localSigma(d, noise, scale) * Math.sqrt(2 * sites * Math.log(2.0 * d * 0x1p40));
        return sites * (scale * coordinate + whole) * (1 + 1e-8) + tail + whole;
    }

    private static double localSigma(int d, UpdateNoise.DistributedGaussian noise, double scale) {
        return noise.multiplier().value()
                * UpdateEncoding.roundedNormBound(scale * BOUND.value(), d)
                / Math.sqrt(noise.shares());
    }

    @Test
    void aRingWithoutRoomForTheNoiseIsRefused() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> encoding(100_000, 100, 12, gaussian(10, 50)));

        assertTrue(refused.getMessage().contains("take a wider ring"), refused.getMessage());
    }

    @Test
    void noiseTooCoarseToBeGaussianIsRefused() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> encoding(1, 100, 12, gaussian(0.2, 100)));

        assertTrue(refused.getMessage().contains("at least 0.5 ring steps"), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"1000, 10, 0.01, 1", "50000, 20, 0.02, 3", "481154, 8, 0.05, 1"})
    void theLeastRingHasRoomForTheNoise(int d, int sites, double tolerance, double multiplier) {
        UpdateNoise noise = gaussian(multiplier, sites / 2);

        RingModulus least = UpdateEncoding.leastBits(d, BOUND, sites, noise, tolerance);

        UpdateEncoding encoding = encoding(d, sites, least.bits(), noise);
        double error = Math.sqrt((double) d / sites) / (2 * encoding.scale()) / BOUND.value();
        assertTrue(error < tolerance, error + " on " + least);
        assertTrue(
                least.bits()
                        > UpdateEncoding.leastBits(d, BOUND, sites, tolerance).bits(),
                least::toString);
        assertThrows(
                IllegalArgumentException.class,
                () -> UpdateEncoding.leastBits(d, BOUND, sites, gaussian(1e6, 1), tolerance));
    }

    /** Rings of one bit less have no room, or round too coarsely. */
    @Test
    void noNarrowerRingWouldDo() {
        UpdateNoise noise = gaussian(1, 5);
        int bits = UpdateEncoding.leastBits(1000, BOUND, 10, noise, 0.01).bits();

        UpdateEncoding narrower = encoding(1000, 10, bits - 1, noise);

        assertTrue(Math.sqrt(1000 / 10.0) / (2 * narrower.scale()) / BOUND.value() >= 0.01, narrower::toString);
    }

    /** Without noise it would be an error at the site. */
    @Test
    void anUpdateWithoutAFormCountsAsZerosUnderTheSameNoise() {
        int d = 1000;
        UpdateEncoding encoding = encoding(d, 1, 24, gaussian(0.01, 1));
        double[] aligned = new double[d];
        aligned[999] = 1.999;
        new RandomisedHadamard(d, RandomisedHadamardTest.seed(1)).invert(aligned);
        float[] values = new float[d];
        for (int i = 0; i < d; i++) {
            values[i] = (float) aligned[i];
        }
        ParameterVector crafted = ParameterVector.of(layout(d), values);
        assertThrows(UnencodableUpdateException.class, () -> encoding.encodedElements(crafted, FULL, secret(1)));
        int[] zeros = encoding.noisedElements(
                ParameterVector.zeros(layout(d)), FULL, secret(1), InsecureNoiseSource.replaying(SEED));

        int[] sent = encoding.noisedElements(crafted, FULL, secret(1), InsecureNoiseSource.replaying(SEED));

        assertArrayEquals(zeros, sent);
    }

    /** Masks that do not cancel are still told from an honest sum. */
    @Test
    void uniformElementsAreRefused() {
        UpdateEncoding encoding = encoding(1000, 10, 20, gaussian(1, 5));
        Random random = new Random(SEED);
        WeightLimbs limbs = WeightLimbs.widest(new RingModulus(20), 10);
        for (int t = 0; t < 100; t++) {
            int[] uniform = random.ints(encoding.length()).toArray();
            limbs.put(WeightLimbs.STEPS, uniform, 1000);
            for (int i = 1000; i < uniform.length; i++) {
                uniform[i] *= 10;
            }

            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> encoding.decode(uniform, 10, layout(1000)));

            assertTrue(refused.getMessage().startsWith("no usable sum"), refused.getMessage());
        }
    }

    @Test
    void aWeightThatWouldTellIsRefused() {
        ClippedUpdate half = raw(10, new ContributionWeight(0.5)).clip(BOUND);

        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> ignore(half.noise(gaussian(1, 2), InsecureNoiseSource.replaying(1))));

        assertTrue(refused.getMessage().contains("set the example cap to 1"), refused.getMessage());
    }

    @Test
    void anUpdateIsEncodedForTheNoiseThatItCarriesAndOnce() {
        NoisedUpdate noised = raw(10, FULL).clip(BOUND).noise(gaussian(1, 2), InsecureNoiseSource.replaying(1));
        UpdateEncoding same = encoding(10, 4, 24, gaussian(1, 2));
        UpdateEncoding less = encoding(10, 4, 24, gaussian(0.5, 2));
        UpdateEncoding none = encoding(10, 4, 24, new UpdateNoise.None());

        assertThrows(IllegalArgumentException.class, () -> ignore(noised.encode(less, secret(1))));
        assertThrows(IllegalArgumentException.class, () -> ignore(noised.encode(none, secret(1))));
        ignore(noised.encode(same, secret(1)));
        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> ignore(noised.encode(same, secret(1))));

        assertTrue(refused.getMessage().contains("encoded once"), refused.getMessage());
    }

    @Test
    void aShareOfNobodyIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> gaussian(1, 0));
    }

    private static void ignore(Object value) {}

    private static RawUpdate raw(int d, ContributionWeight weight) {
        return RawUpdate.between(ParameterVector.zeros(layout(d)), update(d, 1), weight);
    }

    private static UpdateEncoding encoding(int d, int sites, int bits, UpdateNoise noise) {
        return new UpdateEncoding(d, BOUND, sites, new RingModulus(bits), RandomisedHadamardTest.seed(1), noise);
    }

    private static UpdateNoise.DistributedGaussian gaussian(double multiplier, int shares) {
        return new UpdateNoise.DistributedGaussian(new NoiseMultiplier(multiplier), shares);
    }

    /** Of the clip norm, nearly. */
    private static ParameterVector update(int d, int number) {
        Random random = new Random(SEED + number);
        double[] drawn = new double[d];
        double squares = 0;
        for (int i = 0; i < d; i++) {
            drawn[i] = random.nextGaussian();
            squares += drawn[i] * drawn[i];
        }
        float[] values = new float[d];
        for (int i = 0; i < d; i++) {
            values[i] = (float) (drawn[i] / Math.sqrt(squares) * BOUND.value() * 0.999);
        }
        return ParameterVector.of(layout(d), values);
    }

    private static ParameterLayout layout(int d) {
        return ParameterLayout.of(List.of(Block.of("w", d)));
    }

    private static SecretSeed secret(long number) {
        byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
        new Random(number).nextBytes(bytes);
        return SecretSeed.copyOf(bytes, SecretAccess.token());
    }
}
