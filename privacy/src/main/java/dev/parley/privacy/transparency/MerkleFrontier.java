package dev.parley.privacy.transparency;

import dev.parley.privacy.update.ContentHash;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tree that remembers only the roots of the complete subtrees at its right edge: enough to append and to know the
 * root, in memory that grows with the logarithm of the leaves. Not thread-safe.
 */
public final class MerkleFrontier {
    /** At {@code level}, the subtree of {@code 2^level} leaves that waits for its right sibling, if there is one. */
    private final List<byte @Nullable []> waiting = new ArrayList<>();

    private long size;

    /** Appends a leaf by its {@link MerkleTree#leafHash}. */
    public void append(byte[] leafHash) {
        byte[] node = leafHash;
        int level = 0;
        for (; level < waiting.size(); level++) {
            byte[] left = waiting.get(level);
            if (left == null) {
                break;
            }
            node = MerkleTree.nodeHash(left, node);
            waiting.set(level, null);
        }
        if (level == waiting.size()) {
            waiting.add(node);
        } else {
            waiting.set(level, node);
        }
        size++;
    }

    public long size() {
        return size;
    }

    public ContentHash root() {
        byte[] root = null;
        for (byte[] left : waiting) {
            if (left != null) {
                root = root == null ? left : MerkleTree.nodeHash(left, root);
            }
        }
        return root == null ? MerkleTree.EMPTY_ROOT : ContentHash.ofDigest(root);
    }
}
