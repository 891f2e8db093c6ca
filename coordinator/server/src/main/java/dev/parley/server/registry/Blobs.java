package dev.parley.server.registry;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.util.Optional;

/**
 * Content by its SHA-256.
 *
 * <p><b>Guarantees</b>: bytes that are returned have the hash they were asked for by. <b>Does not</b> decide who may read
 * them: the caller does.
 */
public interface Blobs {
    /** Stores the bytes durably and returns their address; storing the same bytes again is free. */
    ContentHash put(byte[] bytes) throws IOException;

    /**
     * The bytes of a blob; empty if there is none. The array is shared: read it, never write to it.
     *
     * @throws CorruptBlobException if the stored bytes no longer have their hash
     */
    Optional<byte[]> read(ContentHash hash) throws IOException;

    /** What is stored under a hash has other content: a disk error or tampering. Fail closed; restore the file. */
    final class CorruptBlobException extends IOException {
        CorruptBlobException(ContentHash expected, ContentHash found) {
            super("blob " + expected + " now has the hash " + found
                    + ": the file was changed or the disk is failing; restore it from a backup");
        }
    }
}
