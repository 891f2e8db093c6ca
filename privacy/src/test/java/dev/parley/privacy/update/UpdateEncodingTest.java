package dev.parley.privacy.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws of {@link UpdateEncoding}: what is added is what comes out, nothing wraps, and garbage is refused. */
class UpdateEncodingTest {
    private static final ContributionWeight FULL = new ContributionWeight(1);

    @Property(tries = 300, seed = "20261125")
    void theDecodedSumIsTheWeightedMeanWithinTheStatedError(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 30) int sites,
            @ForAll @IntRange(min = 1, max = 600) int d,
            @ForAll @IntRange(min = 12, max = 32) int bits) {
        Random random = new Random(seed);
        ClipNorm bound = new ClipNorm(Math.exp(random.nextGaussian() * 3));
        UpdateEncoding encoding =
                new UpdateEncoding(d, bound, sites + random.nextInt(20), new RingModulus(bits), rotationSeed(random));
        int[] sum = new int[encoding.length()];
        double[] exact = new double[d];
        double totalWeight = 0;
        for (int s = 0; s < sites; s++) {
            float[] values = withinBound(values(d, random), bound);
            ContributionWeight weight = new ContributionWeight(0.01 + 0.99 * random.nextDouble());
            add(sum, encoding.encodedElements(vector(values), weight, secret(random)));
            // The weight that the ring can represent is what the mean is taken with.
            double quantised = Math.rint(weight.value() * 0x1p24) * 0x1p-24;
            for (int i = 0; i < d; i++) {
                exact[i] += quantised * values[i];
            }
            totalWeight += quantised;
        }

        WeightedMean mean = encoding.decode(sum, sites, layout(d));

        assertEquals(totalWeight, mean.totalWeight(), 1e-12 * totalWeight);
        assertEquals(sites, mean.contributions());
        double squares = 0;
        double rounding32 = 0;
        for (int i = 0; i < d; i++) {
            double miss = mean.update().get(i) - exact[i] / totalWeight;
            squares += miss * miss;
            rounding32 += Math.pow(Math.ulp((float) (exact[i] / totalWeight)), 2);
        }
        // Root mean square, and seven times what one variable in an interval of one step deviates by for each site.
        double steps = Math.sqrt((double) sites * d) / 2 + 7 * Math.sqrt(sites);
        double tolerance = steps / encoding.scale() / totalWeight + Math.sqrt(rounding32);
        assertTrue(Math.sqrt(squares) <= tolerance, Math.sqrt(squares) + " against " + tolerance);
    }

    @Property(tries = 200, seed = "20261125")
    void theSumOnTheRingIsTheSumOfIntegersBitForBit(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int sites,
            @ForAll @IntRange(min = 1, max = 300) int d,
            @ForAll @IntRange(min = 12, max = 32) int bits) {
        Random random = new Random(seed);
        ClipNorm bound = new ClipNorm(1);
        RingModulus modulus = new RingModulus(bits);
        UpdateEncoding encoding = new UpdateEncoding(d, bound, sites, modulus, rotationSeed(random));
        // The same vector at the bound with the greatest weight at every site: as far from zero as a cohort can get.
        float[] values = withinBound(values(d, random), bound);
        int[] ring = new int[encoding.length()];
        long[] integers = new long[encoding.length()];
        for (int s = 0; s < sites; s++) {
            int[] encoded = encoding.encodedElements(vector(values), FULL, secret(random));
            add(ring, encoded);
            for (int i = 0; i < encoded.length; i++) {
                integers[i] += encoded[i];
            }
        }

        for (int i = 0; i < ring.length; i++) {
            long read = i < d ? modulus.centred(ring[i]) : ring[i] & modulus.size() - 1;
            assertEquals(integers[i], read, "element " + i);
        }
        assertEquals(sites, encoding.decode(ring, sites, layout(d)).totalWeight());
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 16, 17, 24, 31, 32})
    void theGreatestCohortOfEveryRingNeitherWrapsNorLosesItsWeights(int bits) {
        RingModulus modulus = new RingModulus(bits);
        for (int doublings = 0; doublings <= bits - 2; doublings++) {
            int cohort = 1 << doublings;
            WeightLimbs limbs = WeightLimbs.widest(modulus, cohort);
            int[] one = new int[limbs.count()];
            limbs.put(WeightLimbs.STEPS - 1, one, 0);
            long greatestLimb = (1L << limbs.bits()) - 1;
            assertTrue(cohort * greatestLimb < modulus.size(), "no limb wraps");
            for (int i = 0; i < one.length; i++) {
                one[i] *= cohort;
            }
            assertEquals((long) cohort * (WeightLimbs.STEPS - 1), limbs.sum(one, 0, cohort));

            UpdateEncoding encoding = new UpdateEncoding(1, new ClipNorm(1), cohort, modulus, rotationSeed(1));
            int step = encoding.encodedElements(vector(1), FULL, secret(1))[0];
            long farthest = (long) step * cohort;
            assertEquals(farthest, modulus.centred((int) farthest), "no value wraps");
        }
    }

    @Test
    void aHundredSitesOnTwelveBitsHaveLimbsOfFive() {
        WeightLimbs limbs = WeightLimbs.widest(new RingModulus(12), 100);

        assertEquals(5, limbs.bits());
        assertEquals(5, limbs.count());
        assertEquals(
                1005, new UpdateEncoding(1000, new ClipNorm(1), 100, new RingModulus(12), rotationSeed(1)).length());
        assertEquals(1, WeightLimbs.widest(new RingModulus(32), 100).count());
    }

    @ParameterizedTest
    @CsvSource({"100, 1024, 101.843016", "10, 1024, 19.544820", "1000, 1048576, 1124.124548"})
    void theRoundedNormBoundIsThatOfTheReference(double c, int d, double expected) {
        assertEquals(expected, UpdateEncoding.roundedNormBound(c, d), 1e-6);
    }

    /** One vector, many roundings: the mean of each coordinate against its value before rounding. */
    @Test
    void roundingKeepsTheExpectation() {
        int tries = 20_000;
        UpdateEncoding encoding = coarse();
        float[] values = withinBound(values(64, new Random(5)), new ClipNorm(0.4));
        double[] scaled = scaled(encoding, values);
        double[] sums = new double[64];
        for (int t = 0; t < tries; t++) {
            int[] encoded = encoding.encodedElements(vector(values), FULL, secret(t));
            for (int i = 0; i < 64; i++) {
                sums[i] += encoded[i];
            }
        }

        // 64 standard normal variables: one beyond 5 has a probability of 4e-5.
        assertTrue(greatestScore(scaled, sums, tries) < 5, "unbiased");
        // The score would find rounding to the nearest.
        double[] nearest = new double[64];
        for (int i = 0; i < 64; i++) {
            nearest[i] = tries * Math.rint(scaled[i]);
        }
        assertTrue(greatestScore(scaled, nearest, tries) > 5, "the test can fail");
    }

    private static double greatestScore(double[] expected, double[] sums, int tries) {
        double greatest = 0;
        for (int i = 0; i < expected.length; i++) {
            double fraction = expected[i] - Math.floor(expected[i]);
            double deviation = Math.sqrt(tries * fraction * (1 - fraction));
            greatest = Math.max(greatest, Math.abs(sums[i] - tries * expected[i]) / deviation);
        }
        return greatest;
    }

    @Test
    void everyEncodedVectorKeepsTheRoundedNormBound() {
        UpdateEncoding encoding = coarse();
        Random random = new Random(9);
        int unconditioned = 0;
        for (int t = 0; t < 2000; t++) {
            float[] values = withinBound(values(64, random), encoding.bound());
            int[] encoded = encoding.encodedElements(vector(values), FULL, secret(t));
            assertTrue(norm(encoded, 64) <= encoding.roundedNormBound());

            double[] scaled = scaled(encoding, values);
            int[] once = new int[64];
            for (int i = 0; i < 64; i++) {
                once[i] = (int) Math.floor(scaled[i] + random.nextDouble());
            }
            unconditioned += norm(once, 64) > encoding.roundedNormBound() ? 1 : 0;
        }
        assertTrue(unconditioned > 0, "one rounding without the condition exceeds it now and then");
    }

    @Test
    void aCoordinateBeyondItsRangeIsAnError() {
        ClipNorm bound = new ClipNorm(1);
        // Trusts that rotated coordinates are a fiftieth of what they are.
        UpdateEncoding crafted = new UpdateEncoding(
                256,
                bound,
                10,
                new RingModulus(16),
                rotationSeed(1),
                new UpdateNoise.None(),
                RandomisedHadamard.coordinateBound(256, 1) / 50);
        NoisedUpdate update = noised(withinBound(values(256, new Random(1)), bound), FULL, bound);

        UnencodableUpdateException refused =
                assertThrows(UnencodableUpdateException.class, () -> ignore(update.encode(crafted, secret(1))));

        assertEquals(
                "a rotated coordinate lies beyond the 3276 ring steps that each site has, and the sum could wrap:"
                        + " leave this round, the next one rotates anew",
                refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 20, 32})
    void aVectorMadeToFitTheRotationIsAnErrorAtItsOwnSite(int bits) {
        UpdateEncoding encoding = new UpdateEncoding(1000, new ClipNorm(1), 1, new RingModulus(bits), rotationSeed(1));
        double[] aligned = new double[1000];
        aligned[999] = 0.999;
        new RandomisedHadamard(1000, rotationSeed(1)).invert(aligned);
        float[] values = new float[1000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) aligned[i];
        }

        assertThrows(UnencodableUpdateException.class, () -> encoding.encodedElements(vector(values), FULL, secret(1)));
    }

    /** Honest weights, and as many contributions as the ring holds, so that only the norm can tell. */
    @ParameterizedTest
    @CsvSource({
        "30, 12, 1",
        "30, 16, 10",
        "30, 32, 100",
        "100, 12, 3",
        "100, 24, 50",
        "1000, 12, 100",
        "1000, 12, 1024",
        "1000, 20, 10",
        "1025, 32, 2",
        "50000, 16, 100"
    })
    void whatMasksThatDoNotCancelLeaveIsRefused(int d, int bits, int sites) {
        RingModulus modulus = new RingModulus(bits);
        UpdateEncoding encoding = new UpdateEncoding(d, new ClipNorm(3), sites, modulus, rotationSeed(1));
        Random random = new Random(d * 31L + bits);
        WeightLimbs limbs = WeightLimbs.widest(modulus, sites);
        int[] weight = new int[limbs.count()];
        limbs.put(WeightLimbs.STEPS, weight, 0);
        for (int t = 0; t < 200; t++) {
            int[] uniform = random.ints(encoding.length()).toArray();
            for (int i = 0; i < weight.length; i++) {
                uniform[d + i] = weight[i] * sites;
            }

            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> encoding.decode(uniform, sites, layout(d)));

            String message = refused.getMessage();
            assertTrue(message.startsWith("no usable sum: ") && message.contains("masks do not cancel"), message);
        }
    }

    @Test
    void aSumThatNoHonestMembersCanHaveIsRefused() {
        UpdateEncoding encoding = new UpdateEncoding(2, new ClipNorm(1), 4, new RingModulus(32), rotationSeed(1));
        int half = 1 << 23;
        int full = 1 << 24;
        int reach = (int) encoding.scale();

        assertEquals(
                1.5,
                encoding.decode(new int[] {0, 0, half + full}, 2, layout(2)).totalWeight());
        assertRefused(encoding, new int[] {0, 0, 0}, 1, "the weights sum to 0 steps");
        assertRefused(encoding, new int[] {0, 0, 1}, 2, "2 contributions give 2 to 33554432");
        assertRefused(encoding, new int[] {0, 0, full + 1}, 1, "malformed weight");
        assertRefused(encoding, new int[] {0, 0, -1}, 4, "malformed weight");
        assertRefused(encoding, new int[] {2 * reach, 0, full}, 1, "a coordinate has");
        assertRefused(encoding, new int[] {reach, reach / 2, full}, 1, "the mean has norm 1.118");
        assertRefused(encoding, new int[] {reach, 0, half}, 1, "the mean has norm 2.0");
        assertRefused(encoding, new int[] {0, 0, full}, 0, "0 contributions, the encoding holds 1 to 4");
        assertRefused(encoding, new int[] {0, 0, full}, 5, "5 contributions, the encoding holds 1 to 4");
        assertThrows(IllegalArgumentException.class, () -> encoding.decode(new int[4], 1, layout(2)));
        assertThrows(IllegalArgumentException.class, () -> encoding.decode(new int[3], 1, layout(3)));
    }

    private static void assertRefused(UpdateEncoding encoding, int[] sum, int contributions, String message) {
        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> encoding.decode(sum, contributions, layout(2)));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    @Test
    void aLimbThatNoSiteCanFillIsRefusedWhateverTheTotal() {
        WeightLimbs limbs = WeightLimbs.widest(new RingModulus(12), 3);
        int[] sum = {1023, 0, 0};

        assertEquals(10, limbs.bits());
        assertEquals(1023, limbs.sum(sum, 0, 1));
        sum[0] = 1024;
        assertThrows(IllegalStateException.class, () -> limbs.sum(sum, 0, 1));
        assertEquals(1024, limbs.sum(sum, 0, 2));
    }

    @Test
    void whatARingCannotHoldIsRefused() {
        ClipNorm bound = new ClipNorm(1);
        RingModulus modulus = new RingModulus(12);

        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> new UpdateEncoding(1, bound, 1025, modulus, rotationSeed(1)));

        assertEquals(
                "a ring of 12 bits sums 1 to 1024 updates, got 1025: take a wider ring or a smaller cohort",
                refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new UpdateEncoding(1, bound, 0, modulus, rotationSeed(1)));
        assertThrows(IllegalArgumentException.class, () -> new UpdateEncoding(0, bound, 1, modulus, rotationSeed(1)));
    }

    @Test
    void anUpdateOfAnotherBoundOrDimensionIsRefused() {
        UpdateEncoding encoding = new UpdateEncoding(2, new ClipNorm(1), 4, new RingModulus(16), rotationSeed(1));
        NoisedUpdate wide = noised(new float[] {1, 1}, FULL, new ClipNorm(2));
        NoisedUpdate longer = noised(new float[] {0, 0, 0}, FULL, new ClipNorm(1));

        assertThrows(IllegalArgumentException.class, () -> ignore(wide.encode(encoding, secret(1))));
        assertThrows(IllegalArgumentException.class, () -> ignore(longer.encode(encoding, secret(1))));
    }

    /** The whole way over the wire: masks go on, bytes are added, self masks come off, pair masks cancel. */
    @Property(tries = 50, seed = "20261125")
    void underMasksTheSumIsTheSame(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 6) int sites,
            @ForAll @IntRange(min = 1, max = 200) int d,
            @ForAll @IntRange(min = 12, max = 32) int bits) {
        Random random = new Random(seed);
        ClipNorm bound = new ClipNorm(2);
        RingModulus modulus = new RingModulus(bits);
        UpdateEncoding encoding = new UpdateEncoding(d, bound, sites, modulus, rotationSeed(random));
        RingSum masked = new RingSum(encoding.length(), modulus);
        int[] clear = new int[encoding.length()];
        List<MaskTerm> selfMasks = new ArrayList<>();
        long pairs = random.nextLong();
        for (int s = 0; s < sites; s++) {
            float[] values = withinBound(values(d, random), bound);
            long rounding = random.nextLong();
            long self = random.nextLong();
            add(clear, encoding.encodedElements(vector(values), FULL, secret(rounding)));
            List<MaskTerm> terms = new ArrayList<>();
            for (int peer = 0; peer < sites; peer++) {
                if (peer != s) {
                    terms.add(new MaskTerm(secret(pairs + Math.min(s, peer) * 100L + Math.max(s, peer)), s < peer));
                }
            }
            selfMasks.add(new MaskTerm(secret(self), true).negated());
            MaskedUpdate update = noised(values, FULL, bound)
                    .encode(encoding, secret(rounding))
                    .mask(OneTimeMask.of(secret(self), terms));
            assertEquals(modulus.packedSizeBytes(encoding.length()), update.toBytes().length);
            assertEquals(layout(d).hash(), update.layoutHash());
            assertEquals(encoding.length(), update.length());
            RingSum.Addition addition = masked.begin();
            addition.feed(ByteBuffer.wrap(update.toBytes()));
            addition.finish();
        }

        if (d > 40) {
            assertThrows(IllegalStateException.class, () -> encoding.decode(masked.centred(), sites, layout(d)));
        }
        masked.addMasks(selfMasks, 1);

        assertEquals(encoding.decode(clear, sites, layout(d)), encoding.decode(masked.centred(), sites, layout(d)));
    }

    @Test
    void anEncodedUpdateIsMaskedOnceAndShowsNothing() {
        UpdateEncoding encoding = new UpdateEncoding(1, new ClipNorm(1), 4, new RingModulus(16), rotationSeed(1));
        EncodedUpdate encoded =
                noised(new float[] {0.123f}, FULL, new ClipNorm(1)).encode(encoding, secret(1));
        OneTimeMask mask = OneTimeMask.of(secret(2), List.of(new MaskTerm(secret(3), true)));
        OneTimeMask other = OneTimeMask.of(secret(4), List.of(new MaskTerm(secret(5), true)));

        MaskedUpdate masked = encoded.mask(mask);

        assertEquals("EncodedUpdate[redacted]", encoded.toString());
        assertEquals("MaskedUpdate[MaskedRing[3 elements of 16 bits]]", masked.toString());
        assertEquals(3, masked.ring().length());
        assertThrows(IllegalStateException.class, () -> encoded.mask(other));
    }

    @Test
    void theSameSeedsGiveTheSameBitsEverywhere() {
        float[] values = new float[10_007];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i % 3 - 1) / (i + 1f);
        }
        UpdateEncoding encoding =
                new UpdateEncoding(10_007, new ClipNorm(2), 100, new RingModulus(20), rotationSeed(1));

        int[] encoded = encoding.encodedElements(vector(values), new ContributionWeight(0.3), secret(1));

        ByteBuffer bytes = ByteBuffer.allocate(encoded.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(encoded);
        assertEquals(
                "81ac7e9f5e7f7550b44b0309a593e1b684e9a16012038dfd35141aac942ee69c",
                ContentHash.of(bytes.array()).hex());
        int[] otherwise = encoding.encodedElements(vector(values), new ContributionWeight(0.3), secret(2));
        assertFalse(Arrays.equals(encoded, otherwise), "another seed rounds otherwise");
        assertArrayEquals(encoded, encoding.encodedElements(vector(values), new ContributionWeight(0.3), secret(1)));
    }

    @ParameterizedTest
    @CsvSource({"1000, 10, 0.01", "1000, 100, 0.001", "50000, 20, 0.02", "3000, 50, 0.1"})
    void theLeastRingKeepsTheToleranceAndTheNextNarrowerDoesNot(int d, int sites, double tolerance) {
        ClipNorm bound = new ClipNorm(5);
        RingModulus least = UpdateEncoding.leastBits(d, bound, sites, tolerance);

        double error = relativeError(d, bound, sites, least);

        assertTrue(error < tolerance, error + " with " + least);
        if (least.bits() > RingModulus.LEAST_BITS) {
            // The real variance is 1/6 and not 1/4 where fractions are spread evenly.
            double narrower = relativeError(d, bound, sites, new RingModulus(least.bits() - 1));
            assertTrue(narrower > tolerance * Math.sqrt(2.0 / 3) * 0.97, narrower + " with one bit less");
        }
    }

    private static double relativeError(int d, ClipNorm bound, int sites, RingModulus modulus) {
        Random random = new Random(d);
        UpdateEncoding encoding = new UpdateEncoding(d, bound, sites, modulus, rotationSeed(2));
        int[] sum = new int[encoding.length()];
        double[] exact = new double[d];
        for (int s = 0; s < sites; s++) {
            float[] values = withinBound(values(d, random), bound);
            add(sum, encoding.encodedElements(vector(values), FULL, secret(random)));
            for (int i = 0; i < d; i++) {
                exact[i] += (double) values[i] / sites;
            }
        }
        ParameterVector mean = encoding.decode(sum, sites, layout(d)).update();
        double squares = 0;
        for (int i = 0; i < d; i++) {
            squares += Math.pow(mean.get(i) - exact[i], 2);
        }
        return Math.sqrt(squares) / bound.value();
    }

    @Test
    void aToleranceThatNoRingMeetsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> UpdateEncoding.leastBits(1000, new ClipNorm(1), 100, 1e-9));
        assertThrows(
                IllegalArgumentException.class, () -> UpdateEncoding.leastBits(1000, new ClipNorm(1), 100, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> UpdateEncoding.leastBits(10, new ClipNorm(1), 0, 0.1));
        assertTrue(UpdateEncoding.leastBits(10, new ClipNorm(1), 100_000, 0.9).bits() >= 19, "a quarter of the ring");
    }

    /** 64 values on a ring so narrow that each site has 4 steps to either side. */
    private static UpdateEncoding coarse() {
        return new UpdateEncoding(64, new ClipNorm(1), 500, new RingModulus(12), rotationSeed(4));
    }

    private static double[] scaled(UpdateEncoding encoding, float[] values) {
        double[] scaled = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            scaled[i] = values[i];
        }
        new RandomisedHadamard(values.length, rotationSeed(4)).rotate(scaled);
        for (int i = 0; i < values.length; i++) {
            scaled[i] *= encoding.scale();
        }
        return scaled;
    }

    private static double norm(int[] elements, int count) {
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (double) elements[i] * elements[i];
        }
        return Math.sqrt(squares);
    }

    private static void add(int[] sum, int[] ring) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += ring[i];
        }
    }

    private static NoisedUpdate noised(float[] values, ContributionWeight weight, ClipNorm bound) {
        ParameterVector difference = vector(values);
        return RawUpdate.between(ParameterVector.zeros(difference.layout()), difference, weight)
                .clip(bound)
                .noise(new UpdateNoise.None(), InsecureNoiseSource.replaying(0));
    }

    private static void ignore(EncodedUpdate encoded) {}

    /** Scaled to the bound if it is beyond. */
    private static float[] withinBound(float[] values, ClipNorm bound) {
        double norm = vector(values).norm();
        double factor = norm > 0.999999 * bound.value() ? 0.999999 * bound.value() / norm : 1;
        float[] within = values.clone();
        for (int i = 0; i < within.length; i++) {
            within[i] = (float) (within[i] * factor);
        }
        return within;
    }

    /** Gaussian, one-hot or constant, over many magnitudes. */
    private static float[] values(int d, Random random) {
        float[] values = new float[d];
        double magnitude = Math.exp(2 + random.nextGaussian() * 2);
        int kind = random.nextInt(3);
        int hot = random.nextInt(d);
        for (int i = 0; i < d; i++) {
            double value = kind == 0 ? random.nextGaussian() : kind == 1 ? 1 : i == hot ? -30 : 0;
            values[i] = (float) (value * magnitude);
        }
        return values;
    }

    private static ParameterVector vector(float... values) {
        return ParameterVector.of(layout(values.length), values);
    }

    private static ParameterLayout layout(int d) {
        return ParameterLayout.of(List.of(Block.of("w", d)));
    }

    private static RotationSeed rotationSeed(Random random) {
        return rotationSeed(random.nextLong());
    }

    private static RotationSeed rotationSeed(long number) {
        return RandomisedHadamardTest.seed(number);
    }

    private static SecretSeed secret(Random random) {
        return secret(random.nextLong());
    }

    private static SecretSeed secret(long number) {
        byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
        new Random(number).nextBytes(bytes);
        return SecretSeed.copyOf(bytes, SecretAccess.token());
    }
}
