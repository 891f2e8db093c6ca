package dev.parley.privacy.secagg.key;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** HKDF-SHA256 (RFC 5869) with a label for each purpose, so that no two purposes share a key. */
final class Derivation {
    private static final String PROTOCOL = "parley-secagg-v1/";

    private Derivation() {}

    /** Extract and expand: a key from the secrets of an agreement. */
    static SecretSeed extract(byte[] secrets, String label, byte[]... context) {
        try {
            KDF kdf = KDF.getInstance("HKDF-SHA256");
            return seed(kdf.deriveData(HKDFParameterSpec.ofExtract()
                    .addIKM(secrets)
                    .addSalt(label("extract"))
                    .thenExpand(info(label, context), SecretSeed.SIZE_BYTES)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java 25 platform has HKDF-SHA256", e);
        }
    }

    /** Expand: a key for one purpose from a key. */
    static SecretSeed expand(SecretSeed key, String label, byte[]... context) {
        byte[] bytes = key.copyBytes(SecretAccess.token());
        try {
            KDF kdf = KDF.getInstance("HKDF-SHA256");
            return seed(kdf.deriveData(HKDFParameterSpec.expandOnly(
                    new SecretKeySpec(bytes, "HKDF"), info(label, context), SecretSeed.SIZE_BYTES)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java 25 platform has HKDF-SHA256", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static SecretSeed seed(byte[] derived) {
        SecretSeed seed = SecretSeed.copyOf(derived, SecretAccess.token());
        Arrays.fill(derived, (byte) 0);
        return seed;
    }

    private static byte[] label(String label) {
        return (PROTOCOL + label).getBytes(StandardCharsets.UTF_8);
    }

    /** The label, a zero byte, then the context; every context has a fixed length for its label. */
    private static byte[] info(String label, byte[]... context) {
        byte[] name = label(label);
        int length = name.length + 1;
        for (byte[] part : context) {
            length += part.length;
        }
        byte[] info = Arrays.copyOf(name, length);
        int at = name.length + 1;
        for (byte[] part : context) {
            System.arraycopy(part, 0, info, at, part.length);
            at += part.length;
        }
        return info;
    }
}
