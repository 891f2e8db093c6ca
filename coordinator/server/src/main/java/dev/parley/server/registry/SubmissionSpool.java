package dev.parley.server.registry;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Submissions while they arrive, each a file that grows until its announced size, so that memory does not grow with
 * sites or models. An upload that was cut goes on at the offset where its file ends.
 *
 * <p>A submission has one writer: opening it again fences the earlier writer, because the site's old connection may
 * linger here long after the site has given it up. Thread-safe.
 */
public final class SubmissionSpool {
    private final Path folder;
    private final Map<String, Writer> writers = new HashMap<>();

    /** @param folder created if missing, emptied: what an earlier process had received belongs to no plan of this one */
    public SubmissionSpool(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        try (Stream<Path> left = Files.list(folder)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
    }

    /**
     * Opens a submission for writing at the offset where it ends. What was held of other content under the same id is
     * discarded.
     *
     * @param id any string that the caller has admitted; only its hash becomes part of a path
     * @param content what the whole submission must hash to
     * @param totalBytes its announced size, which the caller has checked against the expected one
     */
    public Writer open(String id, ContentHash content, long totalBytes) throws IOException {
        synchronized (writers) {
            Writer earlier = writers.get(id);
            if (earlier != null) {
                earlier.fence();
                if (!earlier.content.equals(content) || earlier.totalBytes != totalBytes) {
                    earlier.delete();
                    earlier = null;
                }
            }
            Path file = folder.resolve(
                    ContentHash.of(id.getBytes(StandardCharsets.UTF_8)).hex());
            Writer writer = new Writer(file, content, totalBytes, earlier);
            writers.put(id, writer);
            return writer;
        }
    }

    /** Bytes held of this submission with this content; 0 if none. */
    public long received(String id, ContentHash content) {
        synchronized (writers) {
            Writer writer = writers.get(id);
            return writer == null || !writer.content.equals(content) ? 0 : writer.received();
        }
    }

    /** Forgets what this writer has received and deletes its file, unless a later writer has taken over. */
    public void discard(String id, Writer writer) throws IOException {
        synchronized (writers) {
            if (writers.remove(id, writer)) {
                writer.fence();
                writer.delete();
            }
        }
    }

    /** Forgets every submission and deletes the files: a round has ended. */
    public void discardAll() throws IOException {
        synchronized (writers) {
            for (Writer writer : writers.values()) {
                writer.fence();
                writer.delete();
            }
            writers.clear();
        }
    }

    /** Appends to one submission. */
    public static final class Writer {
        private final Path file;
        private final ContentHash content;
        private final long totalBytes;
        private final FileChannel channel;
        private final MessageDigest digest;
        private long received;
        private boolean fenced;

        private Writer(Path file, ContentHash content, long totalBytes, @Nullable Writer continued) throws IOException {
            this.file = file;
            this.content = content;
            this.totalBytes = totalBytes;
            this.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
            if (continued == null) {
                channel.truncate(0);
                this.digest = ContentHash.newDigest();
            } else {
                this.received = continued.received();
                this.digest = continued.digest;
            }
        }

        /** Bytes held so far. */
        public synchronized long received() {
            return received;
        }

        public synchronized boolean isComplete() {
            return received == totalBytes;
        }

        /**
         * Appends.
         *
         * @throws FencedException if a later writer of the same submission has taken over
         * @throws IllegalArgumentException if the bytes go beyond the announced size
         */
        public synchronized void append(ByteBuffer bytes) throws IOException {
            requireOwner();
            if (bytes.remaining() > totalBytes - received) {
                throw new IllegalArgumentException("the submission was announced with " + totalBytes + " bytes; "
                        + received + " are held and " + bytes.remaining() + " more were sent");
            }
            digest.update(bytes.duplicate());
            while (bytes.hasRemaining()) {
                received += channel.write(bytes, received);
            }
        }

        /**
         * Ends a submission of which every byte is held: on disk and with the announced hash.
         *
         * @return the file, which stays until the submission is discarded
         * @throws ContentMismatchException if the bytes have another hash; the caller discards the submission
         */
        public synchronized Path finish() throws IOException {
            requireOwner();
            if (received != totalBytes) {
                throw new IllegalStateException("only " + received + " of " + totalBytes + " bytes are held");
            }
            ContentHash found = ContentHash.ofDigest(clone(digest).digest());
            if (!found.equals(content)) {
                throw new ContentMismatchException(content, found);
            }
            channel.force(true);
            return file;
        }

        private void requireOwner() throws FencedException {
            if (fenced) {
                throw new FencedException();
            }
        }

        private synchronized void fence() throws IOException {
            fenced = true;
            channel.close();
        }

        private void delete() throws IOException {
            Files.deleteIfExists(file);
        }

        // A digest is spent when read; the clone lets a submission be finished again after a repeated last chunk.
        private static MessageDigest clone(MessageDigest digest) {
            try {
                return (MessageDigest) digest.clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("the platform's SHA-256 can be cloned", e);
            }
        }
    }

    /** A later stream of the same submission has taken over. */
    public static final class FencedException extends IOException {
        FencedException() {
            super("a later stream of the same submission has taken over");
        }
    }

    /** The bytes that were received do not have the announced hash. */
    public static final class ContentMismatchException extends IOException {
        ContentMismatchException(ContentHash expected, ContentHash found) {
            super("the submission was announced with SHA-256 " + expected.abbreviated() + "... but its bytes have "
                    + found.abbreviated() + "...");
        }
    }
}
