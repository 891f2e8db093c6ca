package dev.parley.privacy.transparency;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * That a leaf is in a tree, at its place (RFC 6962, section 2.1.1; verified as in RFC 9162, section 2.1.3.2).
 *
 * @param index of the leaf, from 0
 * @param size of the tree
 * @param path siblings from the leaf to the root
 */
public record InclusionProof(long index, long size, List<ContentHash> path) {
    /** @throws IllegalArgumentException unless {@code 0 <= index < size} */
    public InclusionProof {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("leaf " + index + " is in no tree of " + size + " leaves");
        }
        path = List.copyOf(path);
    }

    public static InclusionProof of(MerkleTree.CompleteNodes nodes, long index, long size) throws IOException {
        List<ContentHash> path = new ArrayList<>();
        if (index >= 0 && index < size) {
            path(nodes, index, 0, size, path);
        }
        return new InclusionProof(index, size, path);
    }

    private static void path(MerkleTree.CompleteNodes nodes, long index, long begin, long end, List<ContentHash> into)
            throws IOException {
        if (end - begin == 1) {
            return;
        }
        long middle = begin + MerkleTree.split(end - begin);
        if (index < middle) {
            path(nodes, index, begin, middle, into);
            into.add(ContentHash.ofDigest(MerkleTree.range(nodes, middle, end)));
        } else {
            path(nodes, index, middle, end, into);
            into.add(ContentHash.ofDigest(MerkleTree.range(nodes, begin, middle)));
        }
    }

    /**
     * Whether the leaf with this hash is at {@link #index} of the tree with this root.
     *
     * @param leafHash of {@link MerkleTree#leafHash}
     */
    public boolean proves(byte[] leafHash, ContentHash root) {
        long node = index;
        long last = size - 1;
        byte[] hash = leafHash;
        for (ContentHash sibling : path) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = MerkleTree.nodeHash(sibling.bytes(), hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>>= 1;
                    last >>>= 1;
                }
            } else {
                hash = MerkleTree.nodeHash(hash, sibling.bytes());
            }
            node >>>= 1;
            last >>>= 1;
        }
        return last == 0
                && hash.length == ContentHash.SIZE_BYTES
                && ContentHash.ofDigest(hash).equals(root);
    }
}
