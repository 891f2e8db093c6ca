package dev.parley.privacy.transparency;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a tile lies in a log's folder (C2SP tlog-tiles). A tile of hashes holds 256 of one row of the tree, 8 levels
 * above the row of the tile level below; a bundle holds the entries whose leaves are in the level-0 tile of the same
 * index. At the right edge of the tree they are partial.
 *
 * @param kind whether hashes or entries
 * @param level of a tile of hashes; 0 for entries
 * @param index of the tile in its row, from 0
 * @param width hashes or entries in it, 1 to 256
 */
public record TileAddress(Kind kind, int level, long index, int width) {
    /** Hashes or entries in a full tile. */
    public static final int FULL_WIDTH = 256;

    /** Levels of the tree that one tile spans. */
    public static final int HEIGHT = 8;

    private static final int GROUP = 1000;
    private static final int MAX_LEVEL = 63 / HEIGHT;

    /** What a tile is made of. */
    public enum Kind {
        HASHES,
        ENTRIES
    }

    public TileAddress {
        if (level < 0 || level > MAX_LEVEL || (kind == Kind.ENTRIES && level != 0)) {
            throw new IllegalArgumentException("a tile level is 0 to " + MAX_LEVEL + ", 0 for entries, got " + level);
        }
        if (index < 0) {
            throw new IllegalArgumentException("a tile's index is not negative, got " + index);
        }
        if (width < 1 || width > FULL_WIDTH) {
            throw new IllegalArgumentException("a tile has 1 to " + FULL_WIDTH + " hashes or entries, got " + width);
        }
    }

    /** The bundle with the given entry of a log of {@code size} entries, as wide as that log fills it. */
    public static TileAddress bundleOf(long entry, long size) {
        return at(Kind.ENTRIES, 0, entry / FULL_WIDTH, size);
    }

    /** The tile at {@code level} and {@code index} of a log of {@code size} entries, as wide as that log fills it. */
    public static TileAddress hashesAt(int level, long index, long size) {
        return at(Kind.HASHES, level, index, size);
    }

    private static TileAddress at(Kind kind, int level, long index, long size) {
        long inRow = size >>> (HEIGHT * level);
        long width = Math.min(FULL_WIDTH, inRow - index * FULL_WIDTH);
        if (width < 1) {
            throw new IllegalArgumentException(
                    "a log of " + size + " entries has no tile " + index + " at level " + level);
        }
        return new TileAddress(kind, level, index, (int) width);
    }

    /** Every tile and bundle of a log of {@code size} entries, bundles first, then level by level. */
    public static List<TileAddress> all(long size) {
        List<TileAddress> all = new ArrayList<>();
        for (long index = 0; index * FULL_WIDTH < size; index++) {
            all.add(at(Kind.ENTRIES, 0, index, size));
        }
        for (int level = 0; level <= MAX_LEVEL && size >>> (HEIGHT * level) > 0; level++) {
            for (long index = 0; index * FULL_WIDTH < size >>> (HEIGHT * level); index++) {
                all.add(at(Kind.HASHES, level, index, size));
            }
        }
        return all;
    }

    public boolean isFull() {
        return width == FULL_WIDTH;
    }

    /** Relative to the log's folder, such as {@code tile/0/x001/x234/067} or {@code tile/entries/000.p/7}. */
    public String path() {
        StringBuilder groups = new StringBuilder(String.format(Locale.ROOT, "%03d", index % GROUP));
        for (long rest = index / GROUP; rest > 0; rest /= GROUP) {
            groups.insert(0, String.format(Locale.ROOT, "x%03d/", rest % GROUP));
        }
        return "tile/" + (kind == Kind.ENTRIES ? "entries" : Integer.toString(level)) + "/" + groups
                + (isFull() ? "" : ".p/" + width);
    }

    @Override
    public String toString() {
        return path();
    }
}
