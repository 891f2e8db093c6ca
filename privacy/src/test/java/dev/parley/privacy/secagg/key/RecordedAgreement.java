package dev.parley.privacy.secagg.key;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * What two sites agree on, rebuilt from numbers in a test vector. The product keeps all of it opaque; here is the one door,
 * in the tests.
 *
 * @param x25519 the X25519 secret of the two
 * @param mlKem the ML-KEM-768 secret of the two
 * @param encapsulation what the first sent to the second
 */
public record RecordedAgreement(byte[] x25519, byte[] mlKem, byte[] encapsulation) {

    /** From the first's X25519 scalar and the 32 bytes that it drew to encapsulate (FIPS 203, algorithm 17: G(m || H(ek))). */
    public static RecordedAgreement of(byte[] scalar, byte[] drawn, EpochPublicKeys second, byte[] encapsulation) {
        byte[] agreed = new byte[X25519.POINT_SIZE];
        if (!X25519.calculateAgreement(scalar, 0, second.x25519(), 0, agreed, 0)) {
            throw new IllegalArgumentException("a key of low order");
        }
        byte[] both = ByteBuffer.allocate(64)
                .put(drawn)
                .put(digest("SHA3-256", second.mlKem()))
                .array();
        return new RecordedAgreement(agreed, Arrays.copyOf(digest("SHA3-512", both), 32), encapsulation);
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** HKDF over both secrets and the encapsulation. */
    public SecretSeed pairSecret() {
        byte[] both = ByteBuffer.allocate(64).put(x25519).put(mlKem).array();
        return Derivation.extract(both, "pair-secret", encapsulation);
    }

    /** The pair key's bytes under a roster. */
    public SecretSeed pairKeyBytes(byte[] rosterHash) {
        return Derivation.expand(pairSecret(), "pair-key", rosterHash);
    }

    /** The same key as the product makes it. */
    public PairKey pairKey(byte[] rosterHash) {
        return PairSecret.of(x25519.clone(), mlKem.clone(), encapsulation).under(rosterHash);
    }

    /** A labelled derivation, for vectors of it alone. */
    public static SecretSeed derive(SecretSeed key, String label, byte[] context) {
        return Derivation.expand(key, label, context);
    }

    /** Signs with the Ed25519 half of an identity alone. */
    public static byte[] sign(byte[] ed25519Secret, byte[] message) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(ed25519Secret, 0, message, 0, message.length, signature, 0);
        return signature;
    }
}
