package dev.parley.privacy.secagg.key;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM (NIST SP 800-38D) under a key that seals one message ever, which is why the nonce may be all zeros: the
 * caller derives a key for each session and direction.
 */
public final class SealedBox {
    /** What sealing adds: the authentication tag. */
    public static final int OVERHEAD_BYTES = 16;

    private static final byte[] NONCE = new byte[12];

    private SealedBox() {}

    /** @param bound authenticated with the message and not sent: what the box is for */
    public static byte[] seal(SecretSeed key, byte[] message, byte[] bound) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, key, bound).doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-256-GCM", e);
        }
    }

    /** The message; empty if the box was sealed under another key or for something else, or is damaged. */
    public static Optional<byte[]> open(SecretSeed key, byte[] box, byte[] bound) {
        if (box.length < OVERHEAD_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(cipher(Cipher.DECRYPT_MODE, key, bound).doFinal(box));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-256-GCM", e);
        }
    }

    private static Cipher cipher(int mode, SecretSeed key, byte[] bound) throws GeneralSecurityException {
        byte[] bytes = key.copyBytes(SecretAccess.token());
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(bytes, "AES"), new GCMParameterSpec(OVERHEAD_BYTES * Byte.SIZE, NONCE));
            cipher.updateAAD(bound);
            return cipher;
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
