package dev.parley.privacy.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rotation is what its essay says: orthogonal, invertible, the same bits everywhere, and it spreads a norm. */
class RandomisedHadamardTest {
    static IntStream dimensions() {
        return IntStream.concat(
                IntStream.rangeClosed(1, 300),
                IntStream.of(4095, 4096, 4097, 12_288, 32_767, 32_768, 32_769, 100_000, 1 << 20, 1_000_003));
    }

    @Test
    void itIsOrthogonalInEveryDimension() {
        for (int d = 1; d <= 300; d++) {
            RandomisedHadamard rotation = new RandomisedHadamard(d, seed(d));
            double[][] columns = new double[d][d];
            for (int i = 0; i < d; i++) {
                columns[i][i] = 1;
                rotation.rotate(columns[i]);
            }
            for (int i = 0; i < d; i++) {
                for (int j = i; j < d; j++) {
                    assertEquals(i == j ? 1 : 0, product(columns[i], columns[j]), 1e-13, "columns of " + d);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dimensions")
    void theInverseUndoesItAndTheNormIsKept(int d) {
        RandomisedHadamard rotation = new RandomisedHadamard(d, seed(7));
        double[] vector = gaussian(d, new Random(d));
        double norm = norm(vector);
        double[] rotated = vector.clone();

        rotation.rotate(rotated);

        assertEquals(norm, norm(rotated), 1e-12 * norm);
        rotation.invert(rotated);
        assertArrayEquals(vector, rotated, 1e-14 * norm);
    }

    /** Written from the class comment with no regard to speed; the bits must agree, not only the values. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 100, 129, 4097, 8192, 16_384, 33_000, 65_536, 131_072, 140_000, 300_001})
    void blockingForTheCacheChangesNoBit(int d) {
        double[] vector = gaussian(d, new Random(d));
        double[] expected = vector.clone();
        int m = Integer.highestOneBit(d);
        int words = (m + 63) / 64;
        byte[] stream = aes(seed(3), 16 * words);
        referenceStage(expected, 0, m, stream, 0);
        if (m < d) {
            referenceStage(expected, d - m, m, stream, 8 * words);
        }

        new RandomisedHadamard(d, seed(3)).rotate(vector);

        for (int i = 0; i < d; i++) {
            assertEquals(Double.doubleToRawLongBits(expected[i]), Double.doubleToRawLongBits(vector[i]), "at " + i);
        }
    }

    private static void referenceStage(double[] values, int from, int m, byte[] signs, int signsFrom) {
        for (int j = 0; j < m; j++) {
            boolean minus = (signs[signsFrom + j / 8] >> j % 8 & 1) == 1;
            double normalised = values[from + j] * (1 / Math.sqrt(m));
            values[from + j] = minus ? -normalised : normalised;
        }
        for (int stride = m / 2; stride >= 1; stride /= 2) {
            for (int part = from; part < from + m; part += 2 * stride) {
                for (int i = part; i < part + stride; i++) {
                    double sum = values[i] + values[i + stride];
                    values[i + stride] = values[i] - values[i + stride];
                    values[i] = sum;
                }
            }
        }
    }

    /** The same on every machine: any change of signs, order or arithmetic shows here. */
    @Test
    void theBitsOfARotationAreFixed() {
        double[] vector = new double[100_003];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = 1.0 / (i + 1);
        }

        new RandomisedHadamard(vector.length, seed(0)).rotate(vector);

        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(vector);
        assertEquals(
                "35364c97c7b1cafed4fe410c45754dc131bb8a4f9d647ba3b763af1bb5ee582d",
                ContentHash.of(bytes.array()).hex());
    }

    @Property(tries = 100, seed = "20261125")
    void itIsLinear(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5000) int d) {
        Random random = new Random(seed);
        RandomisedHadamard rotation = new RandomisedHadamard(d, seed(seed));
        double[] x = gaussian(d, random);
        double[] y = gaussian(d, random);
        double a = random.nextGaussian();
        double[] combined = new double[d];
        Arrays.setAll(combined, i -> a * x[i] + y[i]);
        rotation.rotate(combined);
        rotation.rotate(x);
        rotation.rotate(y);

        for (int i = 0; i < d; i++) {
            assertEquals(a * x[i] + y[i], combined[i], 1e-11);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 128, 1000, 5000, 70_000})
    void noFixedVectorExceedsTheCoordinateBound(int d) {
        double bound = RandomisedHadamard.coordinateBound(d, 1);
        worstCases(d).forEach((name, vector) -> {
            for (long seed = 0; seed < 20; seed++) {
                double[] rotated = unit(vector);
                new RandomisedHadamard(d, seed(seed)).rotate(rotated);
                double greatest = greatest(rotated);
                assertTrue(greatest <= bound, name + " of " + d + ": " + greatest + " against " + bound);
            }
        });
    }

    /** Shows that the test above can fail, and why the signs must come after the vector. */
    @Test
    void aVectorMadeToFitTheSignsExceedsTheCoordinateBound() {
        RandomisedHadamard rotation = new RandomisedHadamard(1000, seed(1));
        double[] vector = new double[1000];
        vector[999] = 1;
        rotation.invert(vector);

        rotation.rotate(vector);

        assertTrue(greatest(vector) > RandomisedHadamard.coordinateBound(1000, 1));
    }

    /** The Chernoff bound of the essay at t = 2, 3 and 4 standard deviations, over coordinates of both stages. */
    @Test
    void tailsAreThoseOfASubGaussian() {
        int d = 48_000;
        double[] hidden = worstCases(d).get("a block in the overlap");
        int[] beyond = new int[5];
        int seeds = 20;
        for (long seed = 0; seed < seeds; seed++) {
            double[] rotated = unit(hidden);
            new RandomisedHadamard(d, seed(seed)).rotate(rotated);
            for (double value : rotated) {
                for (int t = 2; t <= 4; t++) {
                    beyond[t] += Math.abs(value) * Math.sqrt(1 << 15) > t ? 1 : 0;
                }
            }
        }
        for (int t = 2; t <= 4; t++) {
            assertTrue((double) beyond[t] / seeds / d <= 2 * Math.exp(-t * t / 2.0), "beyond " + t);
        }
        assertTrue(beyond[2] > 0, "the count counts");
    }

    @Test
    void theCoordinateBoundIsThatOfTheEssay() {
        // sqrt(2 (ln(2 x 2^20) + 40 ln 2) / 2^20).
        assertEquals(Math.sqrt(2 * 61 * Math.log(2)) / 1024, RandomisedHadamard.coordinateBound(1 << 20, 1), 1e-15);
        assertEquals(5, RandomisedHadamard.coordinateBound(1, 5), "never more than the norm");
        for (int d = 1; d < 100_000; d++) {
            double padded = Math.sqrt(2 * Math.log(2.0 * d / 0x1p-40) / d);
            assertTrue(RandomisedHadamard.coordinateBound(d, 1) <= Math.sqrt(2) * padded);
        }
    }

    @Test
    void whatIsNoVectorOfTheDimensionIsRefused() {
        RandomisedHadamard rotation = new RandomisedHadamard(3, seed(1));

        assertThrows(IllegalArgumentException.class, () -> rotation.rotate(new double[4]));
        assertThrows(IllegalArgumentException.class, () -> rotation.invert(new double[2]));
        assertThrows(IllegalArgumentException.class, () -> new RandomisedHadamard(0, seed(1)));
    }

    private static Map<String, double[]> worstCases(int d) {
        Map<String, double[]> cases = new LinkedHashMap<>();
        int m = Integer.highestOneBit(d);
        for (int at : new int[] {0, d - m, d / 2, m - 1, d - 1}) {
            double[] oneHot = new double[d];
            oneHot[at] = 1;
            cases.put("one-hot at " + at, oneHot);
        }
        cases.put("constant", filled(d, i -> 1));
        cases.put("alternating signs", filled(d, i -> i % 2 == 0 ? 1 : -1));
        int row = 0x5A5A5A & m - 1;
        cases.put("a row of the transform", filled(d, i -> Integer.bitCount(i & row) % 2 == 0 ? 1 : -1));
        cases.put("a row of the last transform", filled(d, i -> Integer.bitCount(i - (d - m) & row) % 2 == 0 ? 1 : -1));
        cases.put("a block in the overlap", filled(d, i -> i >= d - m && i < Math.min(m, d - m + 64) ? 1 : 0));
        cases.put("a decaying series", filled(d, i -> 1.0 / (i + 1)));
        Random random = new Random(d);
        cases.put("random signs", filled(d, i -> random.nextBoolean() ? 1 : -1));
        // What other signs would undo altogether.
        double[] aligned = new double[d];
        aligned[d - 1] = 1;
        new RandomisedHadamard(d, seed(-1)).invert(aligned);
        cases.put("the worst for other signs", aligned);
        return cases;
    }

    private static double[] filled(int d, IntToDoubleFunction value) {
        return IntStream.range(0, d).mapToDouble(value).toArray();
    }

    private static double[] unit(double[] vector) {
        double norm = norm(vector);
        return Arrays.stream(vector).map(value -> value / norm).toArray();
    }

    private static double greatest(double[] vector) {
        return Arrays.stream(vector).map(Math::abs).max().orElseThrow();
    }

    private static double norm(double[] vector) {
        return Math.sqrt(product(vector, vector));
    }

    private static double product(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private static double[] gaussian(int d, Random random) {
        return filled(d, i -> random.nextGaussian());
    }

    private static byte[] aes(RotationSeed seed, int length) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(seed.digest().bytes(), "AES"),
                    new IvParameterSpec(new byte[16]));
            return cipher.doFinal(new byte[length]);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static RotationSeed seed(long number) {
        return new RotationSeed(
                ContentHash.of(ByteBuffer.allocate(Long.BYTES).putLong(number).array()));
    }
}
