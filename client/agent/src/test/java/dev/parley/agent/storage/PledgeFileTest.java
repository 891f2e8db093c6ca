package dev.parley.agent.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.SitePledges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PledgeFileTest {
    private static final SitePledges PLEDGES = new SitePledges(
            7,
            Map.of("east", new SitePledges.Peer("f".repeat(64), 3, "a".repeat(64))),
            Map.of("UPDATE/" + "b".repeat(64), List.of(Set.of("east", "north", "south"))));

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("pledges.json");
    }

    @Test
    void whatWasKeptIsReadBack() throws Exception {
        PledgeFile.open(file()).keep(PLEDGES);

        assertEquals(PLEDGES, PledgeFile.open(file()).pledges());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    @Test
    void aFirstStartHasNoPledges() throws Exception {
        assertEquals(SitePledges.none(), PledgeFile.open(file()).pledges());
    }

    @Test
    void aDamagedFileIsNotTakenForNone() throws Exception {
        PledgeFile.open(file()).keep(PLEDGES);
        byte[] bytes = Files.readAllBytes(file());
        for (int length : new int[] {0, 1, bytes.length / 2, bytes.length - 1}) {
            PrivateFiles.write(file(), Arrays.copyOf(bytes, length));

            IOException refused = assertThrows(IOException.class, () -> PledgeFile.open(file()));

            assertTrue(String.valueOf(refused.getMessage()).contains("is damaged"), refused.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "{}",
                "{'peers':{},'opened':{}}",
                "{'epoch':3,'opened':{}}",
                "{'epoch':null,'peers':{},'opened':{}}",
                "{'epoch':3,'peers':null,'opened':{}}",
                "{'epoch':3,'peers':{},'opened':{}} {}",
                "{'epoch':3,'epoch':1,'peers':{},'opened':{}}",
                "{'epoch':3,'peers':{'east':{'fingerprint':'f','epoch':1}},'opened':{}}",
                "{'epoch':3,'peers':{},'opened':{},'more':1}"
            })
    void whatIsNotAWholeRecordOfPledgesIsDamaged(String text) throws Exception {
        PrivateFiles.write(file(), text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));

        IOException refused = assertThrows(IOException.class, () -> PledgeFile.open(file()));

        assertTrue(String.valueOf(refused.getMessage()).contains("is damaged"), refused.getMessage());
    }

    @Test
    void aFileThatIsOutOfReachIsNotTakenForNone() throws Exception {
        Files.createSymbolicLink(file(), folder.resolve("unmounted/pledges.json"));

        assertThrows(IOException.class, () -> PledgeFile.open(file()));
    }

    @Test
    void whatCannotBeKeptChangesNothing() throws Exception {
        PledgeFile book = PledgeFile.open(file());
        book.keep(PLEDGES);
        Files.delete(file());
        Files.createDirectories(file().resolve("in the way"));

        assertThrows(IOException.class, () -> book.keep(PLEDGES.withNextEpoch()));

        assertEquals(PLEDGES, book.pledges());
        assertEquals(List.of("pledges.json"), names());
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    @Test
    void readersSeeTheOldContentOrTheNew() throws Exception {
        PledgeFile book = PledgeFile.open(file());
        book.keep(PLEDGES);
        Thread writer = Thread.ofPlatform().unstarted(() -> {
            try {
                for (int i = 0; i < 50; i++) {
                    book.keep(book.pledges().withNextEpoch());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        writer.start();
        long last = PLEDGES.epoch();
        while (writer.isAlive()) {
            long seen = PledgeFile.open(file()).pledges().epoch();
            assertTrue(seen >= last, "epoch " + seen + " after " + last);
            last = seen;
        }

        assertEquals(PLEDGES.epoch() + 50, PledgeFile.open(file()).pledges().epoch());
        assertEquals(List.of("pledges.json"), names());
    }

    @Test
    void aFileThatOthersCanReadIsRefused() throws Exception {
        PledgeFile.open(file()).keep(PLEDGES);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));

        IOException refused = assertThrows(IOException.class, () -> PledgeFile.open(file()));

        assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"), refused.getMessage());
    }
}
