package dev.parley.privacy.secagg.share;

import dev.parley.privacy.secagg.key.SecretAccess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One holder's share of one secret: the five values of {@link SecretSharing}'s polynomials at {@code x = holder + 1}.
 *
 * <p><b>Guarantees</b>: its values are never printed and are compared in constant time; its own copy is overwritten by
 * {@link #close}, and it gives nothing after that. <b>Does not</b> say which secret it belongs to, nor prove that the
 * dealer made it: whoever carries it binds it to both (authenticated sealing).
 */
public final class SecretShare implements AutoCloseable {
    /** Length of {@link #toBytes}. */
    public static final int SIZE_BYTES = SecretLimbs.COUNT * Long.BYTES;

    private final int holder;
    private final long[] values;
    private boolean closed;

    private SecretShare(int holder, long[] values) {
        this.holder = holder;
        this.values = values;
    }

    /** Takes over {@code values}, which are canonical. */
    static SecretShare adopting(int holder, long[] values) {
        return new SecretShare(holder, values);
    }

    /**
     * Reads what {@link #toBytes} wrote; the caller wipes {@code bytes}.
     *
     * @param holder the index, from 0, of the holder to whom the share was dealt; not part of the bytes
     * @throws IllegalArgumentException if there are not exactly {@value #SIZE_BYTES} bytes, a value is not below
     *     2^61 - 1, or there is no such holder
     */
    public static SecretShare fromBytes(int holder, byte[] bytes, SecretAccess access) {
        if (holder < 0 || holder >= SecretSharing.MOST_HOLDERS) {
            throw new IllegalArgumentException(
                    "a holder's index is 0 to " + (SecretSharing.MOST_HOLDERS - 1) + ", got " + holder);
        }
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException(
                    "a share has " + SIZE_BYTES + " bytes, got " + bytes.length + " from holder " + holder);
        }
        long[] values = new long[SecretLimbs.COUNT];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
        boolean canonical = true;
        for (long value : values) {
            canonical &= MersenneField.isCanonical(value);
        }
        if (!canonical) {
            Arrays.fill(values, 0);
            throw new IllegalArgumentException(
                    "every value of a share is below 2^61 - 1, which one of holder " + holder + "'s is not");
        }
        return new SecretShare(holder, values);
    }

    /** The index, from 0, of the holder to whom it was dealt. */
    public int holder() {
        return holder;
    }

    /**
     * The five values as little-endian 64-bit words: exactly {@value #SIZE_BYTES} bytes, which the caller wipes.
     *
     * @throws IllegalStateException after {@link #close}
     */
    public synchronized byte[] toBytes(SecretAccess access) {
        requireOpen();
        ByteBuffer bytes = ByteBuffer.allocate(SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return bytes.array();
    }

    /** Adds {@code weight} times this share's values onto {@code sums}. */
    synchronized void addTimes(long weight, long[] sums) {
        requireOpen();
        for (int limb = 0; limb < sums.length; limb++) {
            sums[limb] = MersenneField.add(sums[limb], MersenneField.multiply(weight, values[limb]));
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the share of holder " + holder + " has been wiped");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(values, 0);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof SecretShare share)) {
            return false;
        }
        long difference = holder ^ share.holder;
        for (int limb = 0; limb < SecretLimbs.COUNT; limb++) {
            difference |= values[limb] ^ share.values[limb];
        }
        return difference == 0;
    }

    /** Of the holder alone: a hash would tell of the values. */
    @Override
    public int hashCode() {
        return Integer.hashCode(holder);
    }

    @Override
    public String toString() {
        return "SecretShare[holder " + holder + ", redacted]";
    }
}
