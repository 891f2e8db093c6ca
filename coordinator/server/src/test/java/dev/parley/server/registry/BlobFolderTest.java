package dev.parley.server.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ContentHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobFolderTest {
    private static final byte[] MODEL = "a model".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    @Test
    void givesBackWhatWasPut() throws Exception {
        BlobFolder blobs = new BlobFolder(folder);

        ContentHash hash = blobs.put(MODEL);

        assertEquals(ContentHash.of(MODEL), hash);
        assertEquals(hash, blobs.put(MODEL.clone()));
        assertArrayEquals(MODEL, new BlobFolder(folder).read(hash).orElseThrow());
        assertEquals(Optional.empty(), blobs.read(ContentHash.of(new byte[0])));
    }

    @Test
    void refusesAFileWhoseContentHasChanged() throws Exception {
        BlobFolder blobs = new BlobFolder(folder);
        ContentHash hash = blobs.put(MODEL);
        byte[] damaged = MODEL.clone();
        damaged[3] ^= 1;
        Files.write(blobs.path(hash), damaged);

        assertThrows(Blobs.CorruptBlobException.class, () -> blobs.read(hash));
    }

    @Test
    void leavesNoHalfFileBehind() throws Exception {
        BlobFolder blobs = new BlobFolder(folder);
        ContentHash hash = blobs.put(MODEL);
        try (Stream<Path> files = Files.walk(folder)) {
            assertEquals(
                    Stream.of(blobs.path(hash)).toList(),
                    files.filter(Files::isRegularFile).toList());
        }
    }

    @Test
    void readsOnceForManyReadersWithinItsCapacity() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        BlobFolder below = new BlobFolder(folder);
        Blobs counting = new Blobs() {
            @Override
            public ContentHash put(byte[] bytes) throws java.io.IOException {
                return below.put(bytes);
            }

            @Override
            public Optional<byte[]> read(ContentHash hash) throws java.io.IOException {
                reads.incrementAndGet();
                return below.read(hash);
            }
        };
        CachedBlobs cached = new CachedBlobs(counting, 10);
        ContentHash small = cached.put(new byte[6]);
        ContentHash other = cached.put(new byte[5]);
        ContentHash large = cached.put(new byte[11]);

        cached.read(small);
        cached.read(small);
        assertEquals(1, reads.get());
        cached.read(other); // 11 bytes together: the smaller, older one goes
        cached.read(other);
        assertEquals(2, reads.get());
        cached.read(small);
        assertEquals(3, reads.get());
        assertTrue(cached.read(large).isPresent());
        cached.read(large);
        assertEquals(5, reads.get());
    }
}
