package dev.parley.server.registry;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the most recently read blobs in memory, so that a thousand sites that fetch the same model cost one read and one
 * hash. Holds at most {@code capacityBytes}; a blob larger than that is passed through.
 */
public final class CachedBlobs implements Blobs {
    private final Blobs source;
    private final long capacityBytes;
    private final Map<ContentHash, byte[]> recent = new LinkedHashMap<>(16, 0.75f, true);
    private long heldBytes;

    public CachedBlobs(Blobs source, long capacityBytes) {
        this.source = source;
        this.capacityBytes = capacityBytes;
    }

    @Override
    public ContentHash put(byte[] bytes) throws IOException {
        return source.put(bytes);
    }

    // Readers of one model arrive together: reading under the lock makes the second wait for the first one's bytes
    // instead of reading them again.
    @Override
    public synchronized Optional<byte[]> read(ContentHash hash) throws IOException {
        byte[] held = recent.get(hash);
        if (held != null) {
            return Optional.of(held);
        }
        Optional<byte[]> read = source.read(hash);
        if (read.isPresent() && read.get().length <= capacityBytes) {
            recent.put(hash, read.get());
            heldBytes += read.get().length;
            var eldest = recent.entrySet().iterator();
            while (heldBytes > capacityBytes) {
                heldBytes -= eldest.next().getValue().length;
                eldest.remove();
            }
        }
        return read;
    }
}
