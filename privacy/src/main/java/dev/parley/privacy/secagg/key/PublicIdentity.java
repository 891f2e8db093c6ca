package dev.parley.privacy.secagg.key;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/** The public half of a {@link SiteIdentityKey}: 32 bytes of Ed25519, then 1952 bytes of ML-DSA-65. */
public final class PublicIdentity {
    /** Bytes of both keys. */
    public static final int SIZE_BYTES = Ed25519.PUBLIC_KEY_SIZE + PostQuantum.DSA_PUBLIC_BYTES;

    private final byte[] ed25519;
    private final byte[] mlDsa;

    PublicIdentity(byte[] ed25519, byte[] mlDsa) {
        this.ed25519 = ed25519;
        this.mlDsa = mlDsa;
    }

    /** @throws IllegalArgumentException if it does not have {@value #SIZE_BYTES} bytes */
    public static PublicIdentity of(byte[] bytes) {
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException("a public identity has " + SIZE_BYTES + " bytes, got " + bytes.length);
        }
        return new PublicIdentity(
                Arrays.copyOf(bytes, Ed25519.PUBLIC_KEY_SIZE),
                Arrays.copyOfRange(bytes, Ed25519.PUBLIC_KEY_SIZE, bytes.length));
    }

    public byte[] toBytes() {
        byte[] out = Arrays.copyOf(ed25519, SIZE_BYTES);
        System.arraycopy(mlDsa, 0, out, ed25519.length, mlDsa.length);
        return out;
    }

    byte[] mlDsa() {
        return mlDsa.clone();
    }

    /** SHA-256 of {@link #toBytes}, in hexadecimal: what site owners compare and pin. */
    public String fingerprint() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(toBytes()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Whether both signatures are this identity's. */
    public boolean verifies(byte[] message, DualSignature signature) {
        if (!verifiesBriefly(message, signature.ed25519())) {
            return false;
        }
        try {
            Signature dsa = Signature.getInstance("ML-DSA-65");
            dsa.initVerify(PostQuantum.dsaKey(mlDsa));
            dsa.update(message);
            return dsa.verify(signature.mlDsa());
        } catch (GeneralSecurityException e) {
            return false; // not a key, or not of a signature's form
        }
    }

    /** Whether an Ed25519 signature is this identity's; see {@link SiteIdentityKey#signBriefly}. */
    public boolean verifiesBriefly(byte[] message, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature, 0, ed25519, 0, message, 0, message.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PublicIdentity identity
                && Arrays.equals(ed25519, identity.ed25519)
                && Arrays.equals(mlDsa, identity.mlDsa);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ed25519);
    }

    @Override
    public String toString() {
        return "PublicIdentity[" + fingerprint().substring(0, 12) + "]";
    }
}
