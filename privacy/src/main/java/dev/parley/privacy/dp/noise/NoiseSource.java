package dev.parley.privacy.dp.noise;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The random words that noise is made of: AES-256-CTR under a key that nobody else has, replaced by its own output every
 * mebibyte (Bernstein 2017, "Fast-key-erasure random-number generators").
 *
 * <p><b>Guarantees</b>: no block of any key's stream is used twice, for words or for keys; a key encrypts 2^16 blocks and
 * two more, so that by the birthday bound (a permutation gives no block twice, a random function does) its stream is told
 * from random bits with an advantage below 2^-96, AES being a good permutation; who later reads the memory does not learn
 * earlier keys from this object. The stream depends on the first key alone, not on how many words are asked for at a time.
 *
 * <p><b>Does not</b> erase copies of a key that the virtual machine or the cipher has made, nor words of the current chunk
 * that have been given out. Not thread-safe: one source for each thread.
 */
public final class NoiseSource {
    private static final int KEY_BYTES = 32;

    /** Fits the first-level cache with the tables beside it, and is quickly compiled: AES-CTR crawls until it is. */
    private static final int CHUNK_BYTES = 4 << 10;

    private static final int CHUNKS_OF_A_KEY = 256;
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Cipher cipher;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private int at = CHUNK_BYTES;
    private int chunksLeft;

    private NoiseSource(byte[] key) {
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            start(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-256-CTR", e);
        }
    }

    /**
     * A source under a fresh key.
     *
     * @param random gives the key, 32 bytes; the platform's strong generator wherever something is to be protected
     */
    public static NoiseSource keyedFrom(SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return wiping(key);
    }

    /** A source under exactly this key, which is wiped. */
    static NoiseSource wiping(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a noise source's key has 32 bytes, got " + key.length);
        }
        try {
            return new NoiseSource(key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private void start(byte[] key) throws GeneralSecurityException {
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
        chunksLeft = CHUNKS_OF_A_KEY;
    }

    /** 64 random bits. */
    long nextWord() {
        if (at == CHUNK_BYTES) {
            refill();
        }
        long word = (long) WORD.get(chunk, at);
        at += Long.BYTES;
        return word;
    }

    /** The chunks' order under one key: 256 chunks of words, then the next key. */
    private void refill() {
        try {
            if (chunksLeft == 0) {
                byte[] next = new byte[KEY_BYTES];
                cipher.update(ZEROS, 0, KEY_BYTES, next, 0);
                start(next);
                Arrays.fill(next, (byte) 0);
            }
            cipher.update(ZEROS, 0, CHUNK_BYTES, chunk, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("counter mode gives as many bytes as it takes", e);
        }
        chunksLeft--;
        at = 0;
    }

    @Override
    public String toString() {
        return "NoiseSource[redacted]";
    }
}
