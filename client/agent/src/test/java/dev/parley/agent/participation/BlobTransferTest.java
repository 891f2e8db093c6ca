package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.agent.storage.BlobCache;
import dev.parley.privacy.update.ContentHash;
import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobTransferTest {
    private static final byte[] BLOB = new byte[10_000];

    static {
        new Random(1).nextBytes(BLOB);
    }

    @TempDir
    Path folder;

    private final TimelessPauses pauses = new TimelessPauses();
    private ScriptedCoordinator coordinator;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        coordinator = new ScriptedCoordinator();
        channel = coordinator.channel();
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        coordinator.close();
    }

    private BlobTransfer transfer(long mostBytes) {
        return new BlobTransfer(
                channel, new BlobCache(folder, 2, InstantSource.system()), pauses.retrying(), mostBytes);
    }

    @Test
    void goesOnWhereItWasCut() throws Exception {
        ContentHash hash = coordinator.put(BLOB);
        coordinator.fetchCuts.addAll(List.of(3, 0, 4));

        byte[] fetched = transfer(1 << 20).fetch(hash, new CallScope());

        assertArrayEquals(BLOB, fetched);
        assertEquals(List.of(0L, 3072L, 3072L, 7168L), coordinator.fetchedFrom);
        assertEquals(3, pauses.asked.size());
    }

    @Test
    void goesOnAfterARestartOfTheAgent() throws Exception {
        ContentHash hash = coordinator.put(BLOB);
        new BlobCache(folder, 2, InstantSource.system()).append(hash, java.nio.ByteBuffer.wrap(BLOB, 0, 5000));

        assertArrayEquals(BLOB, transfer(1 << 20).fetch(hash, new CallScope()));

        assertEquals(List.of(5000L), coordinator.fetchedFrom);
    }

    @Test
    void fetchesOnce() throws Exception {
        ContentHash hash = coordinator.put(BLOB);
        BlobTransfer transfer = transfer(1 << 20);
        transfer.fetch(hash, new CallScope());

        assertArrayEquals(BLOB, transfer.fetch(hash, new CallScope()));

        assertEquals(1, coordinator.fetchedFrom.size());
    }

    @Test
    void discardsWhatArrivedDamagedAndBeginsAgain() throws Exception {
        ContentHash hash = coordinator.put(BLOB);
        coordinator.damagedFetches = 1;

        assertArrayEquals(BLOB, transfer(1 << 20).fetch(hash, new CallScope()));

        assertEquals(List.of(0L, 0L), coordinator.fetchedFrom);
    }

    @Test
    void givesUpOnACoordinatorThatLiesAboutContent() {
        ContentHash hash = ContentHash.of(new byte[] {1});
        coordinator.putFalsely(hash, BLOB);

        assertThrows(
                BlobTransfer.UnobtainableException.class,
                () -> transfer(1 << 20).fetch(hash, new CallScope()));
    }

    @Test
    void storesNothingOfABlobThatIsTooLarge() throws Exception {
        ContentHash hash = coordinator.put(BLOB);

        BlobTransfer.UnobtainableException refused = assertThrows(
                BlobTransfer.UnobtainableException.class, () -> transfer(9_999).fetch(hash, new CallScope()));

        assertTrue(String.valueOf(refused.getMessage()).contains("9999"), refused.getMessage());
        try (var files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void saysWhatTheCoordinatorDoesNotHave() {
        assertThrows(
                BlobTransfer.UnobtainableException.class,
                () -> transfer(1 << 20).fetch(ContentHash.of(BLOB), new CallScope()));
    }

    @Test
    void stopsTryingWhenTheScopeEnds() {
        ContentHash hash = coordinator.put(BLOB);
        coordinator.fetchCuts.addAll(List.of(1, 1, 1, 1));
        CallScope scope = new CallScope();
        Retrying endsTheScope =
                new Retrying(Backoff.STANDARD, (length, cut) -> scope.end(), new java.util.SplittableRandom(1));

        assertThrows(
                CallScope.EndedException.class,
                () -> new BlobTransfer(channel, new BlobCache(folder, 2, InstantSource.system()), endsTheScope, 1 << 20)
                        .fetch(hash, scope));
        assertEquals(1, coordinator.fetchedFrom.size());
    }
}
