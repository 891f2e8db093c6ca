package dev.parley.privacy.transparency;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The entries of one tile as bytes (C2SP tlog-tiles): each behind its length, a big-endian 16-bit number. */
public final class EntryBundle {
    /** Bytes of the largest entry. */
    public static final int MAX_ENTRY_BYTES = 0xFFFF;

    /** Bytes of the largest bundle. */
    public static final int MAX_BYTES = TileAddress.FULL_WIDTH * (MAX_ENTRY_BYTES + 2);

    private EntryBundle() {}

    /** @throws IllegalArgumentException if an entry is too large */
    public static byte[] encode(List<byte[]> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            if (entry.length > MAX_ENTRY_BYTES) {
                throw new IllegalArgumentException(
                        "an entry has at most " + MAX_ENTRY_BYTES + " bytes, got " + entry.length);
            }
            out.write(entry.length >>> Byte.SIZE);
            out.write(entry.length);
            out.writeBytes(entry);
        }
        return out.toByteArray();
    }

    /**
     * @param count entries that the bundle must have
     * @throws IllegalArgumentException if it does not have exactly so many
     */
    public static List<byte[]> decode(byte[] bundle, int count) {
        List<byte[]> entries = new ArrayList<>(count);
        int at = 0;
        while (at < bundle.length) {
            if (entries.size() == count) {
                throw new IllegalArgumentException("more than " + count + " entries are in the bundle");
            }
            if (bundle.length - at < 2) {
                throw new IllegalArgumentException("the bundle ends inside a length");
            }
            int length = Byte.toUnsignedInt(bundle[at]) << Byte.SIZE | Byte.toUnsignedInt(bundle[at + 1]);
            at += 2;
            if (bundle.length - at < length) {
                throw new IllegalArgumentException("the bundle ends inside entry " + entries.size());
            }
            entries.add(Arrays.copyOfRange(bundle, at, at + length));
            at += length;
        }
        if (entries.size() != count) {
            throw new IllegalArgumentException(entries.size() + " entries are in the bundle, expected " + count);
        }
        return entries;
    }
}
