package dev.parley.privacy.secagg.key;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * 32 secret bytes: a mask's seed, a recovery key, a derived key.
 *
 * <p><b>Guarantees</b>: never printed, compared in constant time, its own copy is overwritten by {@link #close}, and it
 * gives nothing after that. <b>Does not</b> erase copies that the virtual machine or a cipher has made.
 */
public final class SecretSeed implements AutoCloseable {
    /** Length in bytes: an AES-256 key. */
    public static final int SIZE_BYTES = 32;

    private final byte[] bytes;
    private boolean closed;

    private SecretSeed(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A fresh one. */
    public static SecretSeed random(SecureRandom random) {
        byte[] bytes = new byte[SIZE_BYTES];
        random.nextBytes(bytes);
        return new SecretSeed(bytes);
    }

    /** Takes over a copy of exactly {@value #SIZE_BYTES} bytes; the caller wipes its own. */
    public static SecretSeed copyOf(byte[] bytes, SecretAccess access) {
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException("a secret seed has 32 bytes, got " + bytes.length);
        }
        return new SecretSeed(bytes.clone());
    }

    /**
     * The seed from which the mask of one vector expands: derived from this one and from the model that the vector was made
     * from, so that the masks of two members who were shown different models do not cancel.
     *
     * @param subject 32 bytes
     */
    public SecretSeed forSubject(byte[] subject) {
        return Derivation.expand(this, "vector", subject);
    }

    /**
     * A copy, which the caller wipes.
     *
     * @throws IllegalStateException after {@link #close}
     */
    public synchronized byte[] copyBytes(SecretAccess access) {
        if (closed) {
            throw new IllegalStateException("the secret has been wiped");
        }
        return bytes.clone();
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SecretSeed seed && MessageDigest.isEqual(bytes, seed.bytes);
    }

    /** The same for all: a hash would tell of the content. */
    @Override
    public int hashCode() {
        return SecretSeed.class.hashCode();
    }

    @Override
    public String toString() {
        return "SecretSeed[redacted]";
    }
}
