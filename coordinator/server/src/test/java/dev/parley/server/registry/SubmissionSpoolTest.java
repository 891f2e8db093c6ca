package dev.parley.server.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ContentHash;
import dev.parley.server.registry.SubmissionSpool.ContentMismatchException;
import dev.parley.server.registry.SubmissionSpool.FencedException;
import dev.parley.server.registry.SubmissionSpool.Writer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmissionSpoolTest {
    private static final String ID = "hospital/3/0/../../etc/north";

    @TempDir
    Path folder;

    private SubmissionSpool spool;
    private byte[] payload;
    private ContentHash content;

    @BeforeEach
    void open() throws Exception {
        spool = new SubmissionSpool(folder.resolve("spool"));
        payload = new byte[10_000];
        new Random(7).nextBytes(payload);
        content = ContentHash.of(payload);
    }

    @Test
    void goesOnWhereItWasCutHoweverOften() throws Exception {
        Random random = new Random(11);
        while (spool.received(ID, content) < payload.length) {
            Writer writer = spool.open(ID, content, payload.length);
            int from = (int) writer.received();
            int to = Math.min(payload.length, from + random.nextInt(2500));
            writer.append(ByteBuffer.wrap(payload, from, to - from));
        }

        Path file = spool.open(ID, content, payload.length).finish();

        assertArrayEquals(payload, Files.readAllBytes(file));
        assertEquals(folder.resolve("spool"), file.getParent());
    }

    @Test
    void fencesTheEarlierWriter() throws Exception {
        Writer earlier = spool.open(ID, content, payload.length);
        earlier.append(ByteBuffer.wrap(payload, 0, 100));

        Writer later = spool.open(ID, content, payload.length);

        assertThrows(FencedException.class, () -> earlier.append(ByteBuffer.wrap(payload, 100, 100)));
        spool.discard(ID, earlier); // must not touch what belongs to the later one
        later.append(ByteBuffer.wrap(payload, 100, payload.length - 100));
        assertArrayEquals(payload, Files.readAllBytes(later.finish()));
    }

    @Test
    void refusesOtherBytesThanAnnouncedAndMoreThanAnnounced() throws Exception {
        Writer writer = spool.open(ID, content, payload.length);
        byte[] other = payload.clone();
        other[5000] ^= 1;
        writer.append(ByteBuffer.wrap(other));

        assertThrows(ContentMismatchException.class, writer::finish);
        assertThrows(IllegalArgumentException.class, () -> writer.append(ByteBuffer.wrap(new byte[1])));

        spool.discard(ID, writer);
        assertEquals(0, spool.received(ID, content));
        Writer again = spool.open(ID, content, payload.length);
        again.append(ByteBuffer.wrap(payload));
        assertTrue(again.isComplete());
        again.finish();
    }

    @Test
    void doesNotMixTwoContentsUnderOneId() throws Exception {
        spool.open(ID, content, payload.length).append(ByteBuffer.wrap(payload, 0, 4000));
        byte[] retrained = Arrays.copyOf(payload, payload.length);
        retrained[0] ^= 1;
        ContentHash other = ContentHash.of(retrained);

        assertEquals(0, spool.received(ID, other));
        Writer writer = spool.open(ID, other, retrained.length);
        assertEquals(0, writer.received());
        writer.append(ByteBuffer.wrap(retrained));
        assertArrayEquals(retrained, Files.readAllBytes(writer.finish()));
    }

    @Test
    void forgetsEverythingAtTheEndOfARoundAndAtAStart() throws Exception {
        spool.open(ID, content, payload.length).append(ByteBuffer.wrap(payload, 0, 4000));
        spool.discardAll();
        assertEquals(0, files());

        spool.open(ID, content, payload.length).append(ByteBuffer.wrap(payload, 0, 4000));
        assertEquals(1, files());
        SubmissionSpool restarted = new SubmissionSpool(folder.resolve("spool"));
        assertEquals(0, files());
        assertEquals(0, restarted.received(ID, content));
    }

    private long files() throws Exception {
        try (Stream<Path> files = Files.list(folder.resolve("spool"))) {
            return files.count();
        }
    }
}
