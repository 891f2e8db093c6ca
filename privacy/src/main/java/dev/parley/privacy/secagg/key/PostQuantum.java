package dev.parley.privacy.secagg.key;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Raw public keys of ML-KEM-768 (FIPS 203) and ML-DSA-65 (FIPS 204), and the platform's form of them: a
 * SubjectPublicKeyInfo, which is the raw key behind 22 fixed bytes.
 */
final class PostQuantum {
    static final int KEM_PUBLIC_BYTES = 1184;
    static final int KEM_CIPHERTEXT_BYTES = 1088;
    static final int DSA_PUBLIC_BYTES = 1952;
    static final int DSA_SIGNATURE_BYTES = 3309;

    private static final byte[] KEM_PREFIX = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");
    private static final byte[] DSA_PREFIX = HexFormat.of().parseHex("308207b2300b0609608648016503040312038207a100");

    private PostQuantum() {}

    static byte[] raw(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, KEM_PREFIX.length, encoded.length);
    }

    static PublicKey kemKey(byte[] raw) throws GeneralSecurityException {
        return KeyFactory.getInstance("ML-KEM-768").generatePublic(spec(KEM_PREFIX, raw));
    }

    static PublicKey dsaKey(byte[] raw) throws GeneralSecurityException {
        return KeyFactory.getInstance("ML-DSA-65").generatePublic(spec(DSA_PREFIX, raw));
    }

    private static X509EncodedKeySpec spec(byte[] prefix, byte[] raw) {
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + raw.length);
        System.arraycopy(raw, 0, encoded, prefix.length, raw.length);
        return new X509EncodedKeySpec(encoded);
    }
}
