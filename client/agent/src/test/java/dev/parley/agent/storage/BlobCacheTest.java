package dev.parley.agent.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobCacheTest {
    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-24T10:00:00Z");

    private BlobCache cache() {
        return new BlobCache(folder, 2, () -> now);
    }

    private static void put(BlobCache cache, byte[] blob) throws Exception {
        cache.append(ContentHash.of(blob), ByteBuffer.wrap(blob));
        assertTrue(cache.complete(ContentHash.of(blob)).isPresent());
    }

    @Test
    void deletesABlobThatTheDiskHasDamaged() throws Exception {
        byte[] blob = {1, 2, 3};
        put(cache(), blob);
        Files.write(folder.resolve(ContentHash.of(blob).hex()), new byte[] {1, 2, 4});

        assertTrue(cache().read(ContentHash.of(blob)).isEmpty());
        assertTrue(Files.notExists(folder.resolve(ContentHash.of(blob).hex())));
    }

    @Test
    void keepsWhatWasUsedLast() throws Exception {
        BlobCache cache = cache();
        put(cache, new byte[] {1});
        put(cache, new byte[] {2});
        now = Instant.parse("2036-11-24T10:00:00Z"); // later than any file time that the test's machine gives
        assertTrue(cache.read(ContentHash.of(new byte[] {1})).isPresent());

        put(cache, new byte[] {3});
        put(cache, new byte[] {4});

        assertArrayEquals(
                new byte[] {1}, cache.read(ContentHash.of(new byte[] {1})).orElseThrow());
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void discardsWhatDoesNotHaveTheHash() throws Exception {
        BlobCache cache = cache();
        ContentHash hash = ContentHash.of(new byte[] {9});
        cache.append(hash, ByteBuffer.wrap(new byte[] {8}));
        assertEquals(1, cache.held(hash));

        assertTrue(cache.complete(hash).isEmpty());
        assertEquals(0, cache.held(hash));
    }
}
