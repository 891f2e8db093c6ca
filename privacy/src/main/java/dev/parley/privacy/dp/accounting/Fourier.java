package dev.parley.privacy.dp.accounting;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Linear convolution of real sequences by the fast Fourier transform, with a bound on its rounding error.
 *
 * <p>A real sequence is split into even and odd entries, which become real and imaginary part of one complex sequence of
 * half the length. The forward transform decimates in frequency and leaves its result in bit-reversed order, the inverse
 * takes it from there, so nothing is ever reordered: with the convolution's even part {@code Ea Eb + w Oa Ob} and odd
 * part {@code Ea Ob + Oa Eb}, position p needs only the position of the opposite frequency, which in bit-reversed order
 * is {@code 3 * 2^j - 1 - p} for {@code 2^j <= p < 2^(j+1)}.
 */
final class Fourier {
    /** Half the distance from 1 to the next double. */
    static final double UNIT_ROUNDOFF = 0x1p-53;

    /**
     * Rounding error of a radix-2 stage in the L2 norm, relative to its input: twiddles within 2 units, then one complex
     * multiplication and addition (Higham 2002, theorem 24.2: mu + gamma_4 (sqrt 2 + mu) with mu = 2u is 7.7 u).
     */
    private static final double STAGE_ERROR = 8 * UNIT_ROUNDOFF;

    private static final AtomicReferenceArray<@Nullable Fourier> TABLES = new AtomicReferenceArray<>(32);

    private final int size;
    private final int stages;
    /** Stage by stage from the longest: for each j the six parts of w^j, w^2j and w^3j. */
    private final double[] twiddles;
    /** Real and imaginary part of w^rev(p). */
    private final double[] reversed;

    private Fourier(int stages) {
        this.stages = stages;
        this.size = 1 << stages;
        int entries = 0;
        for (int length = size; length >= 4; length /= 4) {
            entries += length / 4 * 6;
        }
        this.twiddles = new double[entries];
        int at = 0;
        for (int length = size; length >= 4; length /= 4) {
            for (int j = 0; j < length / 4; j++) {
                for (int power : new int[] {1, 2, 3}) {
                    twiddles[at++] = cosine(power * j, length);
                    twiddles[at++] = -sine(power * j, length);
                }
            }
        }
        this.reversed = new double[2 * size];
        for (int p = 0; p < size; p++) {
            int k = stages == 0 ? 0 : Integer.reverse(p) >>> (32 - stages);
            reversed[2 * p] = cosine(k, size);
            reversed[2 * p + 1] = -sine(k, size);
        }
    }

    /** cos(2 pi k / n), the angle reduced to an eighth of a turn so that it is accurate to 2 units. */
    private static double cosine(int k, int n) {
        int eighths = (int) (8L * k / n) & 7;
        return switch (eighths) {
            case 0, 7 -> Math.cos(angle(k, n));
            case 1, 2 -> -Math.sin(angle(k - n / 4.0, n));
            case 3, 4 -> -Math.cos(angle(k - n / 2.0, n));
            default -> Math.sin(angle(k - 3 * n / 4.0, n));
        };
    }

    private static double sine(int k, int n) {
        int eighths = (int) (8L * k / n) & 7;
        return switch (eighths) {
            case 0, 7 -> Math.sin(angle(eighths == 7 ? k - n : k, n));
            case 1, 2 -> Math.cos(angle(k - n / 4.0, n));
            case 3, 4 -> -Math.sin(angle(k - n / 2.0, n));
            default -> -Math.cos(angle(k - 3 * n / 4.0, n));
        };
    }

    private static double angle(double k, int n) {
        double turns = k / n;
        return 2 * Math.PI * (turns > 0.5 ? turns - 1 : turns);
    }

    private static Fourier ofStages(int stages) {
        Fourier known = TABLES.get(stages);
        if (known == null) {
            known = new Fourier(stages);
            TABLES.set(stages, known);
        }
        return known;
    }

    /**
     * The convolution of two sequences.
     *
     * @param values as long as both together, less one
     * @param error how far any entry may be from the exact convolution
     */
    record Convolution(double[] values, double error) {}

    /** Convolves; the same array twice costs one transform less. */
    static Convolution convolve(double[] a, double[] b) {
        int length = a.length + b.length - 1;
        int stages = Math.max(1, 32 - Integer.numberOfLeadingZeros(Math.max(1, (length + 1) / 2 - 1)));
        Fourier fourier = ofStages(stages);
        double[] real = new double[fourier.size];
        double[] imaginary = new double[fourier.size];
        fourier.load(a, real, imaginary);
        fourier.forward(real, imaginary);
        if (a == b) {
            fourier.multiply(real, imaginary, real, imaginary);
        } else {
            double[] otherReal = new double[fourier.size];
            double[] otherImaginary = new double[fourier.size];
            fourier.load(b, otherReal, otherImaginary);
            fourier.forward(otherReal, otherImaginary);
            fourier.multiply(real, imaginary, otherReal, otherImaginary);
        }
        fourier.inverse(real, imaginary);
        double[] values = new double[length];
        double scale = 1.0 / fourier.size;
        double squares = 0;
        for (int i = 0; i < length; i++) {
            values[i] = scale * ((i & 1) == 0 ? real[i >> 1] : imaginary[i >> 1]);
            squares += values[i] * values[i];
        }
        // Errors of the two forward transforms meet the other's norm (Cauchy-Schwarz bounds every entry by the
        // product);
        // that of the inverse is relative to its result.
        double transform = STAGE_ERROR * (stages + 1);
        double error = (2 * transform + 2 * STAGE_ERROR) * norm(a) * norm(b) + transform * Math.sqrt(squares);
        return new Convolution(values, 1.01 * error);
    }

    private static double norm(double[] values) {
        double squares = 0;
        for (double value : values) {
            squares += value * value;
        }
        return Math.sqrt(squares);
    }

    private void load(double[] from, double[] real, double[] imaginary) {
        int pairs = from.length / 2;
        for (int i = 0; i < pairs; i++) {
            real[i] = from[2 * i];
            imaginary[i] = from[2 * i + 1];
        }
        if ((from.length & 1) == 1) {
            real[pairs] = from[from.length - 1];
        }
    }

    /** Replaces the first spectrum by that of the real convolution; both may be the same arrays. */
    private void multiply(double[] ar, double[] ai, double[] br, double[] bi) {
        multiplyPair(ar, ai, br, bi, 0, 0);
        if (size > 1) {
            multiplyPair(ar, ai, br, bi, 1, 1);
        }
        for (int from = 2; from < size; from *= 2) {
            for (int p = from, opposite = 2 * from - 1; p < opposite; p++, opposite--) {
                multiplyPair(ar, ai, br, bi, p, opposite);
            }
        }
    }

    private void multiplyPair(double[] ar, double[] ai, double[] br, double[] bi, int p, int opposite) {
        double evenAr = 0.5 * (ar[p] + ar[opposite]);
        double evenAi = 0.5 * (ai[p] - ai[opposite]);
        double oddAr = 0.5 * (ai[p] + ai[opposite]);
        double oddAi = 0.5 * (ar[opposite] - ar[p]);
        double evenBr = 0.5 * (br[p] + br[opposite]);
        double evenBi = 0.5 * (bi[p] - bi[opposite]);
        double oddBr = 0.5 * (bi[p] + bi[opposite]);
        double oddBi = 0.5 * (br[opposite] - br[p]);
        double productR = oddAr * oddBr - oddAi * oddBi;
        double productI = oddAr * oddBi + oddAi * oddBr;
        double wr = reversed[2 * p];
        double wi = reversed[2 * p + 1];
        double evenR = evenAr * evenBr - evenAi * evenBi + wr * productR - wi * productI;
        double evenI = evenAr * evenBi + evenAi * evenBr + wr * productI + wi * productR;
        double oddR = evenAr * oddBr - evenAi * oddBi + oddAr * evenBr - oddAi * evenBi;
        double oddI = evenAr * oddBi + evenAi * oddBr + oddAr * evenBi + oddAi * evenBr;
        ar[p] = evenR - oddI;
        ai[p] = evenI + oddR;
        // The opposite frequency holds the conjugates.
        ar[opposite] = evenR + oddI;
        ai[opposite] = oddR - evenI;
    }

    /** Natural order in, bit-reversed order out. */
    private void forward(double[] re, double[] im) {
        int table = 0;
        int length = size;
        for (; length >= 4; length /= 4) {
            int q = length / 4;
            for (int start = 0; start < size; start += length) {
                for (int j = start, t = table; j < start + q; j++, t += 6) {
                    double r0 = re[j] + re[j + 2 * q];
                    double i0 = im[j] + im[j + 2 * q];
                    double r1 = re[j] - re[j + 2 * q];
                    double i1 = im[j] - im[j + 2 * q];
                    double r2 = re[j + q] + re[j + 3 * q];
                    double i2 = im[j + q] + im[j + 3 * q];
                    double r3 = im[j + q] - im[j + 3 * q];
                    double i3 = re[j + 3 * q] - re[j + q];
                    re[j] = r0 + r2;
                    im[j] = i0 + i2;
                    double r = r0 - r2;
                    double i = i0 - i2;
                    re[j + q] = r * twiddles[t + 2] - i * twiddles[t + 3];
                    im[j + q] = r * twiddles[t + 3] + i * twiddles[t + 2];
                    r = r1 + r3;
                    i = i1 + i3;
                    re[j + 2 * q] = r * twiddles[t] - i * twiddles[t + 1];
                    im[j + 2 * q] = r * twiddles[t + 1] + i * twiddles[t];
                    r = r1 - r3;
                    i = i1 - i3;
                    re[j + 3 * q] = r * twiddles[t + 4] - i * twiddles[t + 5];
                    im[j + 3 * q] = r * twiddles[t + 5] + i * twiddles[t + 4];
                }
            }
            table += 6 * q;
        }
        if (length == 2) {
            lastPairs(re, im);
        }
    }

    private void lastPairs(double[] re, double[] im) {
        for (int j = 0; j < size; j += 2) {
            double r = re[j] - re[j + 1];
            double i = im[j] - im[j + 1];
            re[j] += re[j + 1];
            im[j] += im[j + 1];
            re[j + 1] = r;
            im[j + 1] = i;
        }
    }

    /** Bit-reversed order in, natural order out, {@code size} times too large. */
    private void inverse(double[] re, double[] im) {
        if ((stages & 1) == 1) {
            lastPairs(re, im);
        }
        int table = twiddles.length;
        for (int length = (stages & 1) == 1 ? 8 : 4; length <= size; length *= 4) {
            int q = length / 4;
            table -= 6 * q;
            for (int start = 0; start < size; start += length) {
                for (int j = start, t = table; j < start + q; j++, t += 6) {
                    double r1 = re[j + q] * twiddles[t + 2] + im[j + q] * twiddles[t + 3];
                    double i1 = im[j + q] * twiddles[t + 2] - re[j + q] * twiddles[t + 3];
                    double r2 = re[j + 2 * q] * twiddles[t] + im[j + 2 * q] * twiddles[t + 1];
                    double i2 = im[j + 2 * q] * twiddles[t] - re[j + 2 * q] * twiddles[t + 1];
                    double r3 = re[j + 3 * q] * twiddles[t + 4] + im[j + 3 * q] * twiddles[t + 5];
                    double i3 = im[j + 3 * q] * twiddles[t + 4] - re[j + 3 * q] * twiddles[t + 5];
                    double sumR = re[j] + r1;
                    double sumI = im[j] + i1;
                    double differenceR = re[j] - r1;
                    double differenceI = im[j] - i1;
                    double upperR = r2 + r3;
                    double upperI = i2 + i3;
                    double lowerR = r2 - r3;
                    double lowerI = i2 - i3;
                    re[j] = sumR + upperR;
                    im[j] = sumI + upperI;
                    re[j + 2 * q] = sumR - upperR;
                    im[j + 2 * q] = sumI - upperI;
                    re[j + q] = differenceR - lowerI;
                    im[j + q] = differenceI + lowerR;
                    re[j + 3 * q] = differenceR + lowerI;
                    im[j + 3 * q] = differenceI - lowerR;
                }
            }
        }
    }
}
