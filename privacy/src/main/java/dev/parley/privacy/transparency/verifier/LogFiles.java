package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.EntryBundle;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.TileAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A log's folder. */
public record LogFiles(Path folder) implements LogSource {
    /** The note that says what of the folder counts. */
    public static final String CHECKPOINT = "checkpoint";

    /** The log's public key as it lies with the log. */
    public static final String KEY = "log.pub";

    private static final int MAX_KEY_BYTES = 1024;

    @Override
    public byte[] checkpoint() throws IOException {
        return read(folder.resolve(CHECKPOINT), SignedNote.MAX_BYTES);
    }

    @Override
    public String key() throws IOException {
        return new String(read(folder.resolve(KEY), MAX_KEY_BYTES), StandardCharsets.UTF_8);
    }

    @Override
    public byte[] read(TileAddress address) throws IOException {
        return read(folder.resolve(address.path()), EntryBundle.MAX_BYTES);
    }

    /** @throws IOException if the file is larger; it is not read to its end then */
    static byte[] read(Path file, int mostBytes) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(mostBytes + 1);
            if (bytes.length > mostBytes) {
                throw new IOException(file + " has more than " + mostBytes + " bytes");
            }
            return bytes;
        }
    }
}
