package dev.parley.privacy.opendp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library is loaded only as it was built; without it, one is told the command. Needs no library. */
class OpenDpLibraryTest {
    @Test
    void whereThereIsNoneTheCommandIsTold(@TempDir Path folder) {
        OpenDpLibrary.Missing missing = assertInstanceOf(OpenDpLibrary.Missing.class, OpenDpLibrary.locate(folder));

        assertTrue(missing.reason().contains(OpenDpLibrary.COMMAND), missing.reason());
        assertTrue(missing.reason().contains(folder.toString()), missing.reason());
    }

    @Test
    void aChangedFileIsNotLoaded(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve(OpenDpLibrary.FILE), "a changed library");
        Files.writeString(folder.resolve(OpenDpLibrary.CHECKSUM), "0".repeat(64) + "\n");

        OpenDpLibrary.Missing missing = assertInstanceOf(OpenDpLibrary.Missing.class, OpenDpLibrary.locate(folder));

        assertTrue(missing.reason().contains("not the one that was built"), missing.reason());
    }

    @Test
    void aFileWithItsChecksumIsPresent(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve(OpenDpLibrary.FILE), "abc");
        // NIST's example of SHA-256: FIPS 180-4, "abc".
        String sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        Files.writeString(folder.resolve(OpenDpLibrary.CHECKSUM), sha256 + "\n");

        assertEquals(
                new OpenDpLibrary.Present(folder.resolve(OpenDpLibrary.FILE), sha256), OpenDpLibrary.locate(folder));
    }

    @Test
    void testsAreSkippedWithTheCommandOrFailInCi() {
        OpenDpLibrary.Missing missing = new OpenDpLibrary.Missing("Install it with: " + OpenDpLibrary.COMMAND);

        assertTrue(RequiresOpenDp.Condition.decide(missing, false).isDisabled());
        assertTrue(RequiresOpenDp.Condition.decide(missing, false)
                .getReason()
                .orElseThrow()
                .contains(OpenDpLibrary.COMMAND));
        assertThrows(IllegalStateException.class, () -> RequiresOpenDp.Condition.decide(missing, true));
    }
}
