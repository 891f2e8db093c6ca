package dev.parley.privacy.transparency;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.security.MessageDigest;

/**
 * The hashes of RFC 6962, section 2.1: a leaf is hashed behind a zero byte and an inner node behind a one byte, so
 * that neither can be passed off as the other.
 */
public final class MerkleTree {
    /** The root of the tree without leaves: SHA-256 of nothing. */
    public static final ContentHash EMPTY_ROOT = ContentHash.of(new byte[0]);

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private MerkleTree() {}

    /** Where the roots of complete subtrees come from. */
    @FunctionalInterface
    public interface CompleteNodes {
        /**
         * The root over leaves {@code index * 2^level} to {@code (index + 1) * 2^level}, all of which are in the tree.
         *
         * @throws IOException if it cannot be had
         */
        byte[] node(int level, long index) throws IOException;
    }

    public static byte[] leafHash(byte[] entry) {
        MessageDigest digest = ContentHash.newDigest();
        digest.update(LEAF);
        return digest.digest(entry);
    }

    public static byte[] nodeHash(byte[] left, byte[] right) {
        MessageDigest digest = ContentHash.newDigest();
        digest.update(NODE);
        digest.update(left);
        return digest.digest(right);
    }

    /** The root over the first {@code size} leaves. */
    public static ContentHash root(CompleteNodes nodes, long size) throws IOException {
        requireSize(size);
        return size == 0 ? EMPTY_ROOT : ContentHash.ofDigest(range(nodes, 0, size));
    }

    /**
     * MTH(D[begin:end]) where {@code begin} is a multiple of the range's largest complete subtree, as in every proof.
     */
    static byte[] range(CompleteNodes nodes, long begin, long end) throws IOException {
        long leaves = end - begin;
        if (Long.bitCount(leaves) == 1) {
            int level = Long.numberOfTrailingZeros(leaves);
            return nodes.node(level, begin >>> level);
        }
        long left = split(leaves);
        return nodeHash(range(nodes, begin, begin + left), range(nodes, begin + left, end));
    }

    /** The largest power of two below {@code leaves}, which is at least 2. */
    static long split(long leaves) {
        return Long.highestOneBit(leaves - 1);
    }

    static void requireSize(long size) {
        if (size < 0) {
            throw new IllegalArgumentException("a tree has 0 or more leaves, got " + size);
        }
    }
}
