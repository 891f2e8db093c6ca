package dev.parley.privacy.secagg;

import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a member sends when it takes part: a share of its two secrets for every holder, sealed, and its deposit.
 *
 * @param from the dealer's position in the roster
 * @param shares one for each holder, ascending; the dealer's own has an empty box
 * @param deposit the list of the dealer's pair seeds, in the order of its peers, sealed under its recovery key
 */
public record Deal(int from, List<DealtShare> shares, Bytes deposit) {
    public Deal {
        shares = List.copyOf(shares);
    }

    /**
     * One holder's part of a deal.
     *
     * @param to the holder
     * @param box both shares sealed for the holder; empty for the dealer itself
     * @param commitment to both shares: {@value Commitments#SIZE_BYTES} bytes
     */
    public record DealtShare(int to, Bytes box, Bytes commitment) {}

    /** Bytes with the equality of their content. Not for secrets. */
    public static final class Bytes {
        private final byte[] value;

        private Bytes(byte[] value) {
            this.value = value;
        }

        public static Bytes of(byte[] value) {
            return new Bytes(value.clone());
        }

        public byte[] toArray() {
            return value.clone();
        }

        public int size() {
            return value.length;
        }

        byte[] shared() {
            return value;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return "Bytes[" + value.length + "]";
        }
    }

    /**
     * Commitments to shares: the first 16 bytes of SHA-256 over a label, the session, dealer, holder, kind and share. A share
     * is uniform in a set of more than 2^256 values, so its hash hides it; another share with the same commitment takes
     * 2^128 tries.
     */
    static final class Commitments {
        /** Bytes of the two commitments of one holder. */
        static final int SIZE_BYTES = 32;

        private static final byte[] LABEL = "parley-secagg-v1/share\0".getBytes(StandardCharsets.US_ASCII);

        private Commitments() {}

        static byte[] of(SumSession session, int dealer, int holder, byte[] recoveryShare, byte[] selfShare) {
            byte[] both = Arrays.copyOf(of(session, dealer, holder, ShareKind.RECOVERY_KEY, recoveryShare), SIZE_BYTES);
            System.arraycopy(
                    of(session, dealer, holder, ShareKind.SELF_SEED, selfShare),
                    0,
                    both,
                    SIZE_BYTES / 2,
                    SIZE_BYTES / 2);
            return both;
        }

        static boolean match(
                SumSession session, int dealer, int holder, ShareKind kind, byte[] share, Bytes commitment) {
            int from = kind == ShareKind.RECOVERY_KEY ? 0 : SIZE_BYTES / 2;
            return commitment.size() == SIZE_BYTES
                    && MessageDigest.isEqual(
                            Arrays.copyOfRange(commitment.shared(), from, from + SIZE_BYTES / 2),
                            of(session, dealer, holder, kind, share));
        }

        private static byte[] of(SumSession session, int dealer, int holder, ShareKind kind, byte[] share) {
            MessageDigest digest = ContentHash.newDigest();
            digest.update(LABEL);
            digest.update(session.idBytes());
            digest.update(ByteBuffer.allocate(3 * Integer.BYTES)
                    .putInt(dealer)
                    .putInt(holder)
                    .putInt(kind.code())
                    .array());
            digest.update(share);
            return Arrays.copyOf(digest.digest(), SIZE_BYTES / 2);
        }
    }
}
