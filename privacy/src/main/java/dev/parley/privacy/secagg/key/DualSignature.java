package dev.parley.privacy.secagg.key;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An Ed25519 signature (64 bytes) and an ML-DSA-65 signature (3309 bytes) of the same message. */
public final class DualSignature {
    /** Bytes of both, one behind the other. */
    public static final int SIZE_BYTES = 64 + PostQuantum.DSA_SIGNATURE_BYTES;

    private final byte[] ed25519;
    private final byte[] mlDsa;

    DualSignature(byte[] ed25519, byte[] mlDsa) {
        this.ed25519 = ed25519;
        this.mlDsa = mlDsa;
    }

    /** @throws IllegalArgumentException if it does not have {@value #SIZE_BYTES} bytes */
    public static DualSignature of(byte[] bytes) {
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException("a dual signature has " + SIZE_BYTES + " bytes, got " + bytes.length);
        }
        return new DualSignature(Arrays.copyOf(bytes, 64), Arrays.copyOfRange(bytes, 64, bytes.length));
    }

    public byte[] toBytes() {
        byte[] out = Arrays.copyOf(ed25519, SIZE_BYTES);
        System.arraycopy(mlDsa, 0, out, ed25519.length, mlDsa.length);
        return out;
    }

    byte[] ed25519() {
        return ed25519;
    }

    byte[] mlDsa() {
        return mlDsa;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DualSignature signature
                && Arrays.equals(ed25519, signature.ed25519)
                && Arrays.equals(mlDsa, signature.mlDsa);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ed25519);
    }

    @Override
    public String toString() {
        return "DualSignature";
    }
}
