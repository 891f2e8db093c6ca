package dev.parley.privacy.transparency;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * That a tree continues an earlier one: its first leaves are the earlier one's, in the same order (RFC 6962, section
 * 2.1.2; verified as in RFC 9162, section 2.1.4.2). Every tree continues the empty one.
 *
 * @param oldSize of the earlier tree
 * @param newSize of the later one
 */
public record ConsistencyProof(long oldSize, long newSize, List<ContentHash> path) {
    /** @throws IllegalArgumentException unless {@code 0 <= oldSize <= newSize} */
    public ConsistencyProof {
        if (oldSize < 0 || newSize < oldSize) {
            throw new IllegalArgumentException(
                    "a tree of " + newSize + " leaves does not continue one of " + oldSize + " leaves");
        }
        path = List.copyOf(path);
    }

    public static ConsistencyProof of(MerkleTree.CompleteNodes nodes, long oldSize, long newSize) throws IOException {
        List<ContentHash> path = new ArrayList<>();
        if (oldSize > 0 && oldSize < newSize) {
            subproof(nodes, oldSize, 0, newSize, true, path);
        }
        return new ConsistencyProof(oldSize, newSize, path);
    }

    private static void subproof(
            MerkleTree.CompleteNodes nodes, long old, long begin, long end, boolean whole, List<ContentHash> into)
            throws IOException {
        if (old == end) {
            if (!whole) {
                into.add(ContentHash.ofDigest(MerkleTree.range(nodes, begin, end)));
            }
            return;
        }
        long middle = begin + MerkleTree.split(end - begin);
        if (old <= middle) {
            subproof(nodes, old, begin, middle, whole, into);
            into.add(ContentHash.ofDigest(MerkleTree.range(nodes, middle, end)));
        } else {
            subproof(nodes, old, middle, end, false, into);
            into.add(ContentHash.ofDigest(MerkleTree.range(nodes, begin, middle)));
        }
    }

    /** Whether the tree with {@code newRoot} continues the one with {@code oldRoot}. */
    public boolean proves(ContentHash oldRoot, ContentHash newRoot) {
        if (oldSize == 0) {
            return path.isEmpty() && oldRoot.equals(MerkleTree.EMPTY_ROOT);
        }
        if (oldSize == newSize) {
            return path.isEmpty() && oldRoot.equals(newRoot);
        }
        List<ContentHash> nodes = new ArrayList<>(path);
        if (Long.bitCount(oldSize) == 1) {
            nodes.addFirst(oldRoot);
        }
        if (nodes.isEmpty()) {
            return false;
        }
        long node = oldSize - 1;
        long last = newSize - 1;
        while ((node & 1) == 1) {
            node >>>= 1;
            last >>>= 1;
        }
        byte[] old = nodes.getFirst().bytes();
        byte[] later = old;
        for (ContentHash next : nodes.subList(1, nodes.size())) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                old = MerkleTree.nodeHash(next.bytes(), old);
                later = MerkleTree.nodeHash(next.bytes(), later);
                while ((node & 1) == 0 && node != 0) {
                    node >>>= 1;
                    last >>>= 1;
                }
            } else {
                later = MerkleTree.nodeHash(later, next.bytes());
            }
            node >>>= 1;
            last >>>= 1;
        }
        return last == 0
                && ContentHash.ofDigest(old).equals(oldRoot)
                && ContentHash.ofDigest(later).equals(newRoot);
    }
}
