package dev.parley.privacy.transparency;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;

/**
 * A tree's nodes out of its tiles: a node between two tile levels is computed from the tile below it. Nothing here is
 * believed: what is made of wrong tiles proves nothing.
 */
public final class TiledNodes implements MerkleTree.CompleteNodes {
    private final Tiles tiles;
    private final long size;

    /** Where tiles come from. */
    @FunctionalInterface
    public interface Tiles {
        /** @throws IOException if the tile is missing or cannot be read */
        byte[] read(TileAddress address) throws IOException;

        /** The tile; one that has become full since, and whose partial form is gone, is cut to what is asked for. */
        default byte[] readOrCut(TileAddress address) throws IOException {
            try {
                return read(address);
            } catch (NoSuchFileException e) {
                if (address.isFull()) {
                    throw e;
                }
                byte[] full =
                        read(new TileAddress(address.kind(), address.level(), address.index(), TileAddress.FULL_WIDTH));
                return switch (address.kind()) {
                    case HASHES -> Arrays.copyOf(full, full.length / TileAddress.FULL_WIDTH * address.width());
                    case ENTRIES ->
                        EntryBundle.encode(
                                EntryBundle.decode(full, TileAddress.FULL_WIDTH).subList(0, address.width()));
                };
            }
        }
    }

    /** @param size entries of the log, which says how wide the tiles at its right edge are */
    public TiledNodes(Tiles tiles, long size) {
        this.tiles = tiles;
        this.size = size;
    }

    @Override
    public byte[] node(int level, long index) throws IOException {
        int tileLevel = level / TileAddress.HEIGHT;
        int above = level % TileAddress.HEIGHT;
        long first = index << above;
        TileAddress address = TileAddress.hashesAt(tileLevel, first / TileAddress.FULL_WIDTH, size);
        byte[] tile = tiles.read(address);
        if (tile.length != address.width() * ContentHash.SIZE_BYTES) {
            throw new IOException(
                    address + " has " + tile.length + " bytes, expected " + address.width() * ContentHash.SIZE_BYTES);
        }
        int from = (int) (first % TileAddress.FULL_WIDTH);
        return subtree(tile, from, 1 << above);
    }

    /** The root of a full tile's 256 hashes, which is one hash of the tile level above. */
    public static byte[] rootOf(byte[] tile) {
        if (tile.length != TileAddress.FULL_WIDTH * ContentHash.SIZE_BYTES) {
            throw new IllegalArgumentException("a full tile has " + TileAddress.FULL_WIDTH * ContentHash.SIZE_BYTES
                    + " bytes, got " + tile.length);
        }
        return subtree(tile, 0, TileAddress.FULL_WIDTH);
    }

    private static byte[] subtree(byte[] tile, int from, int count) {
        if (count == 1) {
            int at = from * ContentHash.SIZE_BYTES;
            return Arrays.copyOfRange(tile, at, at + ContentHash.SIZE_BYTES);
        }
        int half = count / 2;
        return MerkleTree.nodeHash(subtree(tile, from, half), subtree(tile, from + half, half));
    }
}
