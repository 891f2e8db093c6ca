package dev.parley.agent.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.SitePledges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void aFileThatOthersCanReadIsRefused() throws Exception {
        PledgeFile.open(file()).keep(PLEDGES);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));

        IOException refused = assertThrows(IOException.class, () -> PledgeFile.open(file()));

        assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"), refused.getMessage());
    }
}
