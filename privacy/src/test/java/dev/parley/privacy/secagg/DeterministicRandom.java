package dev.parley.privacy.secagg;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Randomness of tests, the same for the same seed on every machine: the key stream of AES-128-CTR under the seed. It is no
 * secret to anyone who knows the seed, which is why it lives among the tests and is reachable from nowhere else.
 */
public final class DeterministicRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final transient Cipher stream;

    public DeterministicRandom(long seed) {
        byte[] key = ByteBuffer.allocate(16).putLong(seed).array();
        try {
            stream = Cipher.getInstance("AES/CTR/NoPadding");
            stream.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-128-CTR", e);
        }
    }

    @Override
    public synchronized void nextBytes(byte[] bytes) {
        if (bytes.length > 0) {
            byte[] drawn = stream.update(new byte[bytes.length]);
            System.arraycopy(drawn, 0, bytes, 0, bytes.length);
        }
    }

    @Override
    public byte[] generateSeed(int count) {
        byte[] seed = new byte[count];
        nextBytes(seed);
        return seed;
    }

    /** Does nothing: the seed is given once. The constructor of {@link java.util.Random} calls it too. */
    @Override
    public void setSeed(long seed) {}

    /** Does nothing: the seed is given once. */
    @Override
    public void setSeed(byte[] seed) {}
}
