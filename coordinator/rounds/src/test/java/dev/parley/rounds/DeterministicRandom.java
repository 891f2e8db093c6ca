package dev.parley.rounds;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-256-CTR keystream from a seed. For tests alone: "secure" randomness that can be repeated. */
final class DeterministicRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final transient Cipher cipher;

    DeterministicRandom(long seed) {
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(ByteBuffer.allocate(32).putLong(seed).array(), "AES"),
                    new IvParameterSpec(new byte[16]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized void nextBytes(byte[] bytes) {
        byte[] stream = cipher.update(new byte[bytes.length]);
        System.arraycopy(stream, 0, bytes, 0, bytes.length);
    }
}
