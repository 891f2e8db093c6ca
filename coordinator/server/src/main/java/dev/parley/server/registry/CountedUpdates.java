package dev.parley.server.registry;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The updates that count in the round under way, each a file under the hash of its submission's name and of its content. They are
 * what a running sum is made from again after this process has died.
 *
 * <p><b>Guarantees</b>: what {@link #keep} has returned from is on disk under its name and stays, whatever becomes of the upload
 * that it came from, until it is discarded here. Not thread-safe: one owner.
 */
public final class CountedUpdates {
    private final Path folder;

    /**
     * One of them.
     *
     * @param submission its name
     * @param content SHA-256 of its bytes
     */
    public record Name(String submission, ContentHash content) {
        private String file() {
            return ContentHash.of(submission.getBytes(StandardCharsets.UTF_8)).hex() + "." + content.hex();
        }
    }

    /** @param folder created if missing; on the file system of the uploads */
    public CountedUpdates(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** Keeps a finished upload, whose bytes are on disk, under its name. Keeping it again is free. */
    public void keep(Name name, Path upload) throws IOException {
        try {
            Files.createLink(path(name), upload);
        } catch (FileAlreadyExistsException e) {
            return;
        }
        DurableFiles.forceFolder(folder);
    }

    /** @throws java.nio.file.NoSuchFileException if it is not kept */
    public SeekableByteChannel open(Name name) throws IOException {
        return FileChannel.open(path(name), StandardOpenOption.READ);
    }

    public void discard(Name name) throws IOException {
        Files.deleteIfExists(path(name));
    }

    /** Discards all but these. */
    public void keepOnly(Set<Name> names) throws IOException {
        Set<String> kept = names.stream().map(Name::file).collect(Collectors.toUnmodifiableSet());
        List<Path> held;
        try (Stream<Path> files = Files.list(folder)) {
            held = files.toList();
        }
        for (Path file : held) {
            if (!kept.contains(String.valueOf(file.getFileName()))) {
                Files.delete(file);
            }
        }
    }

    private Path path(Name name) {
        return folder.resolve(name.file());
    }
}
