package dev.parley.privacy.secagg.share;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.util.Arrays;

/**
 * A 32-byte secret as five field elements: bytes 0-6, 7-13, 14-19, 20-25 and 26-31, each group read little-endian.
 * Groups have 56 or 48 bits, so that every one is below 2^61 - 1 and every secret has exactly one form. The other way
 * about, 49 of the limbs' 305 bits are always zero: limbs that are not a secret's are told with probability 1 - 2^-49
 * if they are random, and not at all if someone chose them.
 */
final class SecretLimbs {
    static final int COUNT = 5;

    private static final int[] LIMB_BYTES = {7, 7, 6, 6, 6};

    private SecretLimbs() {}

    static long[] of(SecretSeed secret) {
        byte[] bytes = secret.copyBytes(SecretAccess.token());
        long[] limbs = new long[COUNT];
        int at = 0;
        for (int limb = 0; limb < COUNT; limb++) {
            for (int i = 0; i < LIMB_BYTES[limb]; i++) {
                limbs[limb] |= (bytes[at++] & 0xFFL) << (Byte.SIZE * i);
            }
        }
        Arrays.fill(bytes, (byte) 0);
        return limbs;
    }

    /**
     * Back from {@link #of}; the caller wipes {@code limbs}.
     *
     * @throws InconsistentSharesException if no secret has these limbs
     */
    static SecretSeed toSecret(long[] limbs) throws InconsistentSharesException {
        long excess = 0;
        for (int limb = 0; limb < COUNT; limb++) {
            excess |= limbs[limb] >>> (Byte.SIZE * LIMB_BYTES[limb]);
        }
        if (excess != 0) {
            throw new InconsistentSharesException();
        }
        byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
        int at = 0;
        for (int limb = 0; limb < COUNT; limb++) {
            for (int i = 0; i < LIMB_BYTES[limb]; i++) {
                bytes[at++] = (byte) (limbs[limb] >>> (Byte.SIZE * i));
            }
        }
        SecretSeed secret = SecretSeed.copyOf(bytes, SecretAccess.token());
        Arrays.fill(bytes, (byte) 0);
        return secret;
    }
}
