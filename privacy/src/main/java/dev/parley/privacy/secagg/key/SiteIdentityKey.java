package dev.parley.privacy.secagg.key;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * A site's long-lived signing key for secure aggregation: Ed25519 (RFC 8032) beside ML-DSA-65 (FIPS 204). What must stay
 * believable for years is signed with both, and counts only if both verify.
 */
public final class SiteIdentityKey {
    private final byte[] ed25519;
    private final PrivateKey mlDsa;
    private final PublicIdentity identity;

    private SiteIdentityKey(byte[] ed25519, PrivateKey mlDsa, PublicIdentity identity) {
        this.ed25519 = ed25519;
        this.mlDsa = mlDsa;
        this.identity = identity;
    }

    public static SiteIdentityKey generate(SecureRandom random) {
        try {
            byte[] secret = new byte[Ed25519.SECRET_KEY_SIZE];
            Ed25519.generatePrivateKey(random, secret);
            KeyPairGenerator generator = KeyPairGenerator.getInstance("ML-DSA");
            generator.initialize(NamedParameterSpec.ML_DSA_65, random);
            KeyPair pair = generator.generateKeyPair();
            return new SiteIdentityKey(secret, pair.getPrivate(), identity(secret, PostQuantum.raw(pair.getPublic())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java 25 platform has ML-DSA", e);
        }
    }

    private static PublicIdentity identity(byte[] ed25519, byte[] mlDsaPublic) {
        byte[] edPublic = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(ed25519, 0, edPublic, 0);
        return new PublicIdentity(edPublic, mlDsaPublic);
    }

    /** Both halves of both keys, to be kept where only the agent's user can read. */
    public byte[] export(SecretAccess access) {
        byte[] dsa = mlDsa.getEncoded();
        byte[] dsaPublic = identity.mlDsa();
        byte[] out = Arrays.copyOf(ed25519, ed25519.length + dsaPublic.length + dsa.length);
        System.arraycopy(dsaPublic, 0, out, ed25519.length, dsaPublic.length);
        System.arraycopy(dsa, 0, out, ed25519.length + dsaPublic.length, dsa.length);
        Arrays.fill(dsa, (byte) 0);
        return out;
    }

    /**
     * Reads what {@link #export} wrote.
     *
     * @throws IllegalArgumentException if it is not that
     */
    public static SiteIdentityKey read(byte[] exported, SecretAccess access) {
        int dsaFrom = Ed25519.SECRET_KEY_SIZE + PostQuantum.DSA_PUBLIC_BYTES;
        if (exported.length <= dsaFrom) {
            throw new IllegalArgumentException(
                    "an identity key has more than " + dsaFrom + " bytes, got " + exported.length);
        }
        byte[] secret = Arrays.copyOf(exported, Ed25519.SECRET_KEY_SIZE);
        byte[] dsaPublic = Arrays.copyOfRange(exported, Ed25519.SECRET_KEY_SIZE, dsaFrom);
        try {
            PrivateKey dsa = KeyFactory.getInstance("ML-DSA-65")
                    .generatePrivate(new PKCS8EncodedKeySpec(Arrays.copyOfRange(exported, dsaFrom, exported.length)));
            return new SiteIdentityKey(secret, dsa, identity(secret, dsaPublic));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the file does not hold an identity key", e);
        }
    }

    public PublicIdentity identity() {
        return identity;
    }

    /** Signs with both keys. */
    public DualSignature sign(byte[] message) {
        try {
            Signature dsa = Signature.getInstance("ML-DSA-65");
            dsa.initSign(mlDsa);
            dsa.update(message);
            return new DualSignature(signBriefly(message), dsa.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java 25 platform signs with ML-DSA-65", e);
        }
    }

    /**
     * Signs with Ed25519 alone: for statements that count only while their round lasts, which a quantum computer of later
     * years comes too late to forge.
     */
    public byte[] signBriefly(byte[] message) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(ed25519, 0, message, 0, message.length, signature, 0);
        return signature;
    }

    @Override
    public String toString() {
        return "SiteIdentityKey[redacted]";
    }
}
