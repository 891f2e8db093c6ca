package dev.parley.server.audit;

import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.EntryBundle;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.TileAddress;
import dev.parley.privacy.transparency.TiledNodes;
import dev.parley.privacy.update.ContentHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The right edge of a log: the tiles that are not full yet, which is all that appending needs. An appended edge is
 * another edge, so that one whose files could not be written is dropped.
 *
 * @param size entries of the log
 * @param bundle entries of the bundle that is not full
 * @param rows by tile level, the hashes of the tile that is not full
 */
record LogEdge(long size, List<byte[]> bundle, List<byte[]> rows) {
    static LogEdge empty() {
        return new LogEdge(0, List.of(), List.of());
    }

    /** An edge, and the files by which it differs from the one before it. */
    record Appended(LogEdge edge, Map<String, byte[]> files) {}

    /**
     * Reads the edge of a signed log.
     *
     * @throws IOException if its files are not what is signed
     */
    static LogEdge read(TiledNodes.Tiles tiles, Checkpoint checkpoint) throws IOException {
        long size = checkpoint.size();
        List<byte[]> rows = new ArrayList<>();
        for (int level = 0; size >>> (TileAddress.HEIGHT * level) > 0; level++) {
            long inRow = size >>> (TileAddress.HEIGHT * level);
            boolean isPartial = inRow % TileAddress.FULL_WIDTH > 0;
            rows.add(
                    isPartial
                            ? tiles.read(TileAddress.hashesAt(level, inRow / TileAddress.FULL_WIDTH, size))
                            : new byte[0]);
        }
        List<byte[]> bundle = List.of();
        if (size % TileAddress.FULL_WIDTH > 0) {
            TileAddress address = TileAddress.bundleOf(size, size);
            try {
                bundle = EntryBundle.decode(tiles.read(address), address.width());
            } catch (IllegalArgumentException e) {
                throw new IOException(address + " is damaged: " + e.getMessage(), e);
            }
        }
        LogEdge edge = new LogEdge(size, bundle, rows);
        ByteArrayOutputStream leaves = new ByteArrayOutputStream();
        bundle.forEach(entry -> leaves.writeBytes(MerkleTree.leafHash(entry)));
        if (size > 0 && !Arrays.equals(leaves.toByteArray(), rows.getFirst())) {
            throw new IOException("the last entries do not have the hashes of their tile");
        }
        if (!edge.root().equals(checkpoint.root())) {
            throw new IOException("the tiles have root " + edge.root() + ", signed is " + checkpoint.root());
        }
        return edge;
    }

    ContentHash root() throws IOException {
        return MerkleTree.root(new TiledNodes(address -> rows.get(address.level()), size), size);
    }

    /** With more entries. */
    Appended with(List<byte[]> entries) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<byte[]> open = new ArrayList<>(bundle);
        List<byte[]> tiles = new ArrayList<>(rows);
        long count = size;
        for (byte[] entry : entries) {
            open.add(entry);
            count++;
            add(tiles, 0, MerkleTree.leafHash(entry), count, files);
            if (open.size() == TileAddress.FULL_WIDTH) {
                files.put(TileAddress.bundleOf(count - 1, count).path(), EntryBundle.encode(open));
                open.clear();
            }
        }
        if (!open.isEmpty()) {
            files.put(TileAddress.bundleOf(count - 1, count).path(), EntryBundle.encode(open));
        }
        for (int level = 0; level < tiles.size(); level++) {
            byte[] tile = tiles.get(level);
            boolean isNew = level >= rows.size() || !Arrays.equals(tile, rows.get(level));
            if (isNew && tile.length > 0) {
                long index = (count >>> (TileAddress.HEIGHT * level)) / TileAddress.FULL_WIDTH;
                files.put(TileAddress.hashesAt(level, index, count).path(), tile);
            }
        }
        return new Appended(new LogEdge(count, List.copyOf(open), List.copyOf(tiles)), files);
    }

    private static void add(List<byte[]> tiles, int level, byte[] hash, long count, Map<String, byte[]> files) {
        if (level == tiles.size()) {
            tiles.add(new byte[0]);
        }
        byte[] before = tiles.get(level);
        byte[] tile = Arrays.copyOf(before, before.length + ContentHash.SIZE_BYTES);
        System.arraycopy(hash, 0, tile, before.length, ContentHash.SIZE_BYTES);
        if (tile.length < TileAddress.FULL_WIDTH * ContentHash.SIZE_BYTES) {
            tiles.set(level, tile);
            return;
        }
        long index = (count >>> (TileAddress.HEIGHT * level)) / TileAddress.FULL_WIDTH - 1;
        files.put(TileAddress.hashesAt(level, index, count).path(), tile);
        tiles.set(level, new byte[0]);
        add(tiles, level + 1, TiledNodes.rootOf(tile), count, files);
    }
}
