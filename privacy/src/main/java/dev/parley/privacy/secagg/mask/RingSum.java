package dev.parley.privacy.secagg.mask;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's running sum of masked vectors: one {@code int[]}, however many are added. Its bits do not depend on
 * the order of addition. Not thread-safe: one owner.
 */
public final class RingSum {
    private final RingModulus modulus;
    private final int[] sum;

    public RingSum(int length, RingModulus modulus) {
        this.sum = new int[length];
        this.modulus = modulus;
    }

    /** A sum of its own that begins with what is in this one. */
    public RingSum copy() {
        RingSum copy = new RingSum(sum.length, modulus);
        System.arraycopy(sum, 0, copy.sum, 0, sum.length);
        return copy;
    }

    public int length() {
        return sum.length;
    }

    public RingModulus modulus() {
        return modulus;
    }

    /** Bytes of one contribution. */
    public int contributionSizeBytes() {
        return modulus.packedSizeBytes(sum.length);
    }

    /** Adds a vector made in this process. */
    public void add(MaskedRing ring) {
        Addition addition = begin();
        addition.feed(ByteBuffer.wrap(ring.shared()));
        addition.finish();
    }

    /** Begins to add one packed vector as its bytes arrive in order, in pieces of any size. */
    public Addition begin() {
        return new Addition();
    }

    /** One contribution on its way into the sum. */
    public final class Addition {
        private long pending;
        private int filled;
        private int next;

        private Addition() {}

        /**
         * Adds the elements that {@code bytes} completes.
         *
         * @throws IllegalArgumentException if there are more bytes than a contribution has, or the filling is not zero
         */
        public void feed(ByteBuffer bytes) {
            int bits = modulus.bits();
            while (bytes.hasRemaining()) {
                pending |= (bytes.get() & 0xFFL) << filled;
                filled += Byte.SIZE;
                if (filled >= bits) {
                    if (next == sum.length) {
                        throw new IllegalArgumentException("more bytes than " + contributionSizeBytes());
                    }
                    sum[next++] += (int) pending;
                    pending >>>= bits;
                    filled -= bits;
                }
            }
        }

        /** @throws IllegalArgumentException if bytes are missing, or what fills up the last byte is not zero */
        public void finish() {
            if (next != sum.length || pending != 0 || filled >= Byte.SIZE) {
                throw new IllegalArgumentException("a contribution has exactly " + contributionSizeBytes()
                        + " bytes, and zero bits after the last element");
            }
        }
    }

    /** Adds mask terms, to take masks off, over {@code threads} cores by coordinate range. */
    public void addMasks(List<MaskTerm> terms, int threads) {
        MaskStream.addAll(terms, sum, 0, sum.length);
    }

    /** The sum's elements, each in [-2^(b-1), 2^(b-1)). */
    public int[] centred() {
        int[] values = new int[sum.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = modulus.centred(sum[i]);
        }
        return values;
    }

    /** Equal elements modulo 2^b. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RingSum that
                && modulus.equals(that.modulus)
                && Arrays.equals(centred(), that.centred());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(centred());
    }
}
