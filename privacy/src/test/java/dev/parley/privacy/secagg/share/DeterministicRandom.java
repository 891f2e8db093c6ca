package dev.parley.privacy.secagg.share;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The keystream of AES-256-CTR under a seed that the test prints: for tests, which have to be repeatable. */
final class DeterministicRandom extends SecureRandom {
    private final transient Cipher stream;

    DeterministicRandom(long seed) {
        try {
            byte[] key = ByteBuffer.allocate(32).putLong(seed).array();
            stream = Cipher.getInstance("AES/CTR/NoPadding");
            stream.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void nextBytes(byte[] bytes) {
        byte[] next = stream.update(new byte[bytes.length]);
        System.arraycopy(next, 0, bytes, 0, bytes.length);
    }
}
