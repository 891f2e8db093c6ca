package dev.parley.privacy.secagg.key;

import java.util.Arrays;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.jspecify.annotations.Nullable;

/** The public half of {@link EpochKeys}: 32 bytes of X25519, then 1184 bytes of ML-KEM-768. */
public final class EpochPublicKeys {
    /** Bytes of both keys. */
    public static final int SIZE_BYTES = X25519.POINT_SIZE + PostQuantum.KEM_PUBLIC_BYTES;

    private final byte[] x25519;
    private final byte[] mlKem;

    EpochPublicKeys(byte[] x25519, byte[] mlKem) {
        this.x25519 = x25519;
        this.mlKem = mlKem;
    }

    /** @throws IllegalArgumentException if it does not have {@value #SIZE_BYTES} bytes */
    public static EpochPublicKeys of(byte[] bytes) {
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException("public epoch keys have " + SIZE_BYTES + " bytes, got " + bytes.length);
        }
        return new EpochPublicKeys(
                Arrays.copyOf(bytes, X25519.POINT_SIZE), Arrays.copyOfRange(bytes, X25519.POINT_SIZE, bytes.length));
    }

    public byte[] toBytes() {
        byte[] out = Arrays.copyOf(x25519, SIZE_BYTES);
        System.arraycopy(mlKem, 0, out, x25519.length, mlKem.length);
        return out;
    }

    byte[] x25519() {
        return x25519;
    }

    byte[] mlKem() {
        return mlKem;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EpochPublicKeys keys
                && Arrays.equals(x25519, keys.x25519)
                && Arrays.equals(mlKem, keys.mlKem);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(x25519);
    }

    @Override
    public String toString() {
        return "EpochPublicKeys";
    }
}
