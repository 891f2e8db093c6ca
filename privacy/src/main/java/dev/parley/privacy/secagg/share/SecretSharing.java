package dev.parley.privacy.secagg.share;

import dev.parley.privacy.secagg.key.SecretSeed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Threshold secret sharing of 32-byte secrets (A. Shamir, "How to Share a Secret", CACM 22(11), 1979).
 *
 * <p>A secret is five elements of GF(2^61 - 1), as {@link SecretLimbs} says. Each becomes the constant term of its own
 * polynomial of degree {@code threshold - 1}, whose other coefficients are uniform over the field, zero included.
 * Holder i, counted from 0, gets the five values at {@code x = i + 1}; x = 0 is the secret and belongs to nobody. The
 * prime is far above any number of holders, and a Mersenne one, so that a product costs one wide multiplication and one
 * addition. Horner's rule runs over all five polynomials at a time: five independent chains keep the multiplier busy.
 *
 * <p><b>Guarantees</b>: any {@code threshold} shares recover the secret; fewer are, to anyone, uniform and independent
 * of it, whatever their computing power. <b>Does not</b> let a holder check its share, and recovery does not detect a
 * forged share that was chosen with care (the secret then comes out wrong, by an amount the forger chose): the protocol
 * checks what it recovers against something it knew before.
 *
 * @param threshold shares that recover, 2 to {@code holders}; with 1 every share would be the secret
 * @param holders shares dealt, at most {@value #MOST_HOLDERS}
 */
public record SecretSharing(int threshold, int holders) {
    /** {@link MersenneField#hornerStep} counts on it. */
    public static final int MOST_HOLDERS = 1 << 16;

    private static final int BATCH_BYTES = 4096;

    public SecretSharing {
        if (holders > MOST_HOLDERS) {
            throw new IllegalArgumentException(
                    "a secret is shared among at most " + MOST_HOLDERS + " holders, got " + holders);
        }
        if (threshold < 2 || threshold > holders) {
            throw new IllegalArgumentException(
                    "a threshold is 2 to the number of holders, got " + threshold + " of " + holders);
        }
    }

    /**
     * Deals {@code secret} anew: one share for each holder, by index.
     *
     * @param random draws the coefficients; two dealings share nothing but the secret
     */
    public List<SecretShare> deal(SecretSeed secret, SecureRandom random) {
        long[] constants = SecretLimbs.of(secret);
        long[] coefficients = new long[threshold * SecretLimbs.COUNT];
        System.arraycopy(constants, 0, coefficients, 0, SecretLimbs.COUNT);
        Arrays.fill(constants, 0);
        drawUniform(coefficients, SecretLimbs.COUNT, random);
        List<SecretShare> shares = new ArrayList<>(holders);
        for (int holder = 0; holder < holders; holder++) {
            shares.add(SecretShare.adopting(holder, valuesAt(abscissa(holder), coefficients)));
        }
        Arrays.fill(coefficients, 0);
        return List.copyOf(shares);
    }

    /**
     * Recovers a secret. For many secrets of the same holders, {@link #forHolders} is faster.
     *
     * @param shares of at least {@link #threshold} holders, one for each; exactly {@link #threshold} are used, those of
     *     the lowest indices
     * @throws IllegalArgumentException if they are too few, two are of one holder, or one is of a holder that is none
     * @throws InconsistentSharesException if what comes out is not a 32-byte secret
     */
    public SecretSeed recover(Collection<SecretShare> shares) throws InconsistentSharesException {
        int[] present = shares.stream().mapToInt(SecretShare::holder).toArray();
        return forHolders(present).recover(shares);
    }

    /**
     * Prepares to recover any number of secrets, dealt alike, from one set of holders.
     *
     * @param present indices of at least {@link #threshold} distinct holders, in any order
     * @throws IllegalArgumentException if they are too few, repeated, or not of holders
     */
    public SharedRecovery forHolders(int[] present) {
        int[] sorted = present.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < sorted.length; i++) {
            if (sorted[i] < 0 || sorted[i] >= holders) {
                throw new IllegalArgumentException(
                        "holders are 0 to " + (holders - 1) + ", and " + sorted[i] + " is none of them");
            }
            if (i > 0 && sorted[i] == sorted[i - 1]) {
                throw new IllegalArgumentException("holder " + sorted[i] + " occurs twice");
            }
        }
        if (sorted.length < threshold) {
            throw new IllegalArgumentException("recovery takes " + threshold + " holders, got " + sorted.length);
        }
        return new SharedRecovery(this, sorted);
    }

    /** Where the polynomials are evaluated for {@code holder}. */
    static long abscissa(int holder) {
        return holder + 1L;
    }

    /** Values at {@code x} of the polynomials; coefficients of x^k stand at {@code k * COUNT}, limb after limb. */
    private static long[] valuesAt(long x, long[] coefficients) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        long e = 0;
        for (int at = coefficients.length - SecretLimbs.COUNT; at >= 0; at -= SecretLimbs.COUNT) {
            a = MersenneField.hornerStep(a, x, coefficients[at]);
            b = MersenneField.hornerStep(b, x, coefficients[at + 1]);
            c = MersenneField.hornerStep(c, x, coefficients[at + 2]);
            d = MersenneField.hornerStep(d, x, coefficients[at + 3]);
            e = MersenneField.hornerStep(e, x, coefficients[at + 4]);
        }
        return new long[] {
            MersenneField.reduce(a),
            MersenneField.reduce(b),
            MersenneField.reduce(c),
            MersenneField.reduce(d),
            MersenneField.reduce(e)
        };
    }

    /**
     * Fills {@code elements} from index {@code from} with uniform field elements: the upper 61 bits of a little-endian
     * 64-bit word, drawn again if they are all ones. That happens once in 2^61 and shows only what is thrown away.
     */
    private static void drawUniform(long[] elements, int from, SecureRandom random) {
        byte[] batch = new byte[BATCH_BYTES];
        ByteBuffer words = ByteBuffer.wrap(batch).order(ByteOrder.LITTLE_ENDIAN);
        words.position(BATCH_BYTES);
        int at = from;
        while (at < elements.length) {
            if (!words.hasRemaining()) {
                random.nextBytes(batch);
                words.clear();
            }
            long element = words.getLong() >>> (Long.SIZE - MersenneField.BITS);
            if (element != MersenneField.P) {
                elements[at++] = element;
            }
        }
        Arrays.fill(batch, (byte) 0);
    }
}
