package dev.parley.privacy.transparency;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One signature of a note: whose it says it is, and its bytes, whose meaning is the key's algorithm's. */
public final class NoteSignature {
    /** Bytes of a signature; a cosignature has 72, post-quantum ones a few thousand. */
    static final int MAX_BYTES = 16 << 10;

    private static final String DASH = "\u2014 ";

    private final String name;
    private final int keyId;
    private final byte[] bytes;

    public NoteSignature(String name, int keyId, byte[] bytes) {
        this.name = name;
        this.keyId = keyId;
        this.bytes = bytes.clone();
    }

    /** Reads one line without its end; empty if it is not a signature's. */
    public static Optional<NoteSignature> parse(String line) {
        if (!line.startsWith(DASH)) {
            return Optional.empty();
        }
        String[] parts = line.substring(DASH.length()).split(" ", -1);
        if (parts.length != 2 || !NoteKey.isName(parts[0]) || parts[1].length() > 2 * MAX_BYTES) {
            return Optional.empty();
        }
        return Base64Text.decode(parts[1])
                .filter(typed -> typed.length > Integer.BYTES)
                .map(typed -> new NoteSignature(
                        parts[0],
                        ByteBuffer.wrap(typed).getInt(),
                        Arrays.copyOfRange(typed, Integer.BYTES, typed.length)));
    }

    public String name() {
        return name;
    }

    public int keyId() {
        return keyId;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NoteSignature that
                && name.equals(that.name)
                && keyId == that.keyId
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * keyId + Arrays.hashCode(bytes);
    }

    /** The line, without its end. */
    @Override
    public String toString() {
        byte[] typed = ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(keyId)
                .put(bytes)
                .array();
        return DASH + name + " " + Base64Text.encode(typed);
    }
}
