package dev.parley.privacy.update;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The bytes of AES-256-CTR under one key, from a counter block of zeros on (NIST SP 800-38A, 6.5), a chunk at a time.
 * Words in it are little-endian. One key belongs to one stream, so the nonce may be fixed. Not thread-safe.
 */
final class Keystream {
    static final int CHUNK_BYTES = 16 << 10;
    /** 32-bit words of one chunk. */
    static final int CHUNK_WORDS = CHUNK_BYTES / Integer.BYTES;

    static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG_WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final byte[] ZEROS = new byte[CHUNK_BYTES];

    private final Cipher cipher;
    private final byte[] chunk = new byte[CHUNK_BYTES];

    private Keystream(byte[] key) {
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-256-CTR", e);
        }
    }

    /** @throws IllegalStateException if the seed has been wiped */
    static Keystream of(SecretSeed seed) {
        byte[] key = seed.copyBytes(SecretAccess.token());
        try {
            return new Keystream(key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    static Keystream of(RotationSeed seed) {
        return new Keystream(seed.digest().bytes());
    }

    /** The next {@value #CHUNK_BYTES} bytes, in the one array that every call gives. */
    byte[] next() {
        try {
            cipher.update(ZEROS, 0, CHUNK_BYTES, chunk, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("counter mode gives as many bytes as it takes", e);
        }
        return chunk;
    }
}
