package dev.parley.server.registry;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Blobs as files {@code ab/abcdef...} in one folder. A file appears under its name only when it is complete and on disk, so
 * a crash leaves no half blob; every read checks the hash.
 */
public final class BlobFolder implements Blobs {
    private final Path folder;

    /** @param folder created if missing */
    public BlobFolder(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    @Override
    public ContentHash put(byte[] bytes) throws IOException {
        ContentHash hash = ContentHash.of(bytes);
        Path target = path(hash);
        if (!Files.exists(target)) {
            Files.createDirectories(target.getParent());
            DurableFiles.write(target, bytes);
        }
        return hash;
    }

    @Override
    public Optional<byte[]> read(ContentHash hash) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path(hash));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        ContentHash found = ContentHash.of(bytes);
        if (!found.equals(hash)) {
            throw new CorruptBlobException(hash, found);
        }
        return Optional.of(bytes);
    }

    /** Where a blob lies; the file need not exist. */
    public Path path(ContentHash hash) {
        return folder.resolve(hash.hex().substring(0, 2)).resolve(hash.hex());
    }
}
