package dev.parley.agent.storage;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Blobs by the SHA-256 of their content, in a folder. What is half fetched is kept and continued, also after a restart of
 * the agent. Used by one thread at a time.
 *
 * <p><b>Guarantees</b>: {@link #read} and {@link #complete} give bytes that have the hash; at most {@code most} whole blobs
 * are kept, those used last.
 */
public final class BlobCache {
    private final Path folder;
    private final int most;
    private final InstantSource clock;

    /**
     * @param folder exists
     * @param most whole blobs kept, at least 2: the model and the learning document of a round
     * @param clock tells which blob was used last
     */
    public BlobCache(Path folder, int most, InstantSource clock) {
        if (most < 2) {
            throw new IllegalArgumentException("a cache keeps at least 2 blobs, got " + most);
        }
        this.folder = folder;
        this.most = most;
        this.clock = clock;
    }

    /** The blob if it is here and undamaged; a damaged one is deleted. */
    public Optional<byte[]> read(ContentHash hash) throws IOException {
        Path file = whole(hash);
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (ContentHash.of(bytes).equals(hash)) {
                Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
                return Optional.of(bytes);
            }
            Files.delete(file);
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** How much of the blob is here: where fetching goes on. */
    public long held(ContentHash hash) throws IOException {
        try {
            return Files.size(part(hash));
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** Adds the next bytes. */
    public void append(ContentHash hash, ByteBuffer bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(part(hash), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    /** Ends a fetch: the bytes if they have the hash, else empty and what was held is deleted. */
    public Optional<byte[]> complete(ContentHash hash) throws IOException {
        byte[] bytes = Files.readAllBytes(part(hash));
        if (!ContentHash.of(bytes).equals(hash)) {
            discard(hash);
            return Optional.empty();
        }
        Files.move(part(hash), whole(hash), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forgetOldest();
        return Optional.of(bytes);
    }

    /** Deletes what is half fetched of a blob. */
    public void discard(ContentHash hash) throws IOException {
        Files.deleteIfExists(part(hash));
    }

    private void forgetOldest() throws IOException {
        List<Path> newestFirst;
        try (Stream<Path> files = Files.list(folder)) {
            newestFirst = files.filter(file -> !file.toString().endsWith(".part"))
                    .sorted(Comparator.comparing(BlobCache::lastUse).reversed())
                    .toList();
        }
        for (Path old : newestFirst.subList(Math.min(most, newestFirst.size()), newestFirst.size())) {
            Files.deleteIfExists(old);
        }
    }

    private static FileTime lastUse(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private Path whole(ContentHash hash) {
        return folder.resolve(hash.hex());
    }

    private Path part(ContentHash hash) {
        return folder.resolve(hash.hex() + ".part");
    }
}
