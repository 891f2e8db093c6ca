package dev.parley.server;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks for pieces of known byte strings anywhere in a file. A piece is as many bytes as a string is cut into; of a string that
 * is there only in part, the pieces that lie within the part are found.
 */
final class HeapScan {
    private static final int LEAST_PIECE_BYTES = Long.BYTES;
    private static final int BUFFER_BYTES = 1 << 20;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Map<Long, List<Piece>> pieces = new HashMap<>();
    /** Whether a piece may begin with a long whose lowest 16 bits are these: spares the map almost every look. */
    private final boolean[] begins = new boolean[1 << 16];

    private int longest;

    private record Piece(String name, byte[] bytes) {}

    /** @param pieceBytes length of the pieces that the bytes are cut into, at least 8; what is left at the end is not looked for */
    void lookFor(String name, byte[] bytes, int pieceBytes) {
        if (pieceBytes < LEAST_PIECE_BYTES || bytes.length < pieceBytes) {
            throw new IllegalArgumentException("pieces of " + pieceBytes + " bytes of " + bytes.length);
        }
        longest = Math.max(longest, pieceBytes);
        for (int at = 0; at + pieceBytes <= bytes.length; at += pieceBytes) {
            byte[] piece = Arrays.copyOfRange(bytes, at, at + pieceBytes);
            long first = (long) LONG.get(piece, 0);
            begins[(int) first & 0xFFFF] = true;
            pieces.computeIfAbsent(first, key -> new ArrayList<>()).add(new Piece(name, piece));
        }
    }

    /** The names of which at least one piece is in the file. */
    Set<String> foundIn(Path file) throws IOException {
        Set<String> found = new TreeSet<>();
        byte[] buffer = new byte[BUFFER_BYTES + longest];
        int held = 0;
        try (FileChannel channel = FileChannel.open(file)) {
            while (true) {
                int read = channel.read(java.nio.ByteBuffer.wrap(buffer, held, buffer.length - held));
                if (read < 0) {
                    // Zeros behind the end: a piece that would reach beyond it is not there.
                    Arrays.fill(buffer, held, buffer.length, (byte) 0);
                    scan(buffer, 0, Math.max(0, held - LEAST_PIECE_BYTES + 1), held, found);
                    return found;
                }
                held += read;
                int searched = Math.max(0, held - longest);
                scan(buffer, 0, searched, held, found);
                System.arraycopy(buffer, searched, buffer, 0, held - searched);
                held -= searched;
            }
        }
    }

    private void scan(byte[] buffer, int from, int to, int end, Set<String> found) {
        for (int at = from; at < to; at++) {
            if (!begins[buffer[at] & 0xFF | (buffer[at + 1] & 0xFF) << 8]) {
                continue;
            }
            for (Piece piece : pieces.getOrDefault((long) LONG.get(buffer, at), List.of())) {
                if (at + piece.bytes().length <= end
                        && Arrays.equals(
                                buffer, at, at + piece.bytes().length, piece.bytes(), 0, piece.bytes().length)) {
                    found.add(piece.name());
                }
            }
        }
    }
}
