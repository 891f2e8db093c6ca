package dev.parley.agent.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.key.SiteIdentityKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SumIdentityFileTest {
    private static final byte[] STATEMENT = "statement".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private SumIdentityFile file() {
        return new SumIdentityFile(folder.resolve("sum-identity.key"));
    }

    @Test
    void theKeyIsMadeOnceAndSignsAfterARestart() throws Exception {
        SiteIdentityKey made = file().readOrCreate(new SecureRandom());

        SiteIdentityKey read = file().readOrCreate(new SecureRandom());

        assertEquals(made.identity(), read.identity());
        assertTrue(made.identity().verifies(STATEMENT, read.sign(STATEMENT)));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("sum-identity.key"))));
    }

    @Test
    void aDamagedKeyIsNotReplaced() throws Exception {
        SiteIdentityKey unused = file().readOrCreate(new SecureRandom());
        Path key = folder.resolve("sum-identity.key");
        byte[] damaged = java.util.Arrays.copyOf(Files.readAllBytes(key), 100);
        Files.write(key, damaged);

        IOException refused = assertThrows(IOException.class, () -> file().readOrCreate(new SecureRandom()));

        assertTrue(String.valueOf(refused.getMessage()).contains("is damaged"), refused.getMessage());
        assertEquals(100, Files.size(key));
    }

    @Test
    void halvesThatDoNotBelongTogetherAreDamage() throws Exception {
        SiteIdentityKey unused = file().readOrCreate(new SecureRandom());
        Path key = folder.resolve("sum-identity.key");
        byte[] damaged = Files.readAllBytes(key);
        damaged[1000] ^= 1; // in the public half, which nothing derives anew
        Files.write(key, damaged);

        IOException refused = assertThrows(IOException.class, () -> file().readOrCreate(new SecureRandom()));

        assertTrue(String.valueOf(refused.getMessage()).contains("is damaged"), refused.getMessage());
    }

    @Test
    void aKeyThatOthersCanReadIsRefused() throws Exception {
        SiteIdentityKey unused = file().readOrCreate(new SecureRandom());
        Files.setPosixFilePermissions(folder.resolve("sum-identity.key"), PosixFilePermissions.fromString("rw-r--r--"));

        IOException refused = assertThrows(IOException.class, () -> file().readOrCreate(new SecureRandom()));

        assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"), refused.getMessage());
    }

    @Test
    void aKeyThatIsOutOfReachIsNotReplaced() throws Exception {
        Path key = folder.resolve("sum-identity.key");
        Files.createSymbolicLink(key, folder.resolve("unmounted/sum-identity.key"));

        assertThrows(IOException.class, () -> file().readOrCreate(new SecureRandom()));

        assertTrue(Files.isSymbolicLink(key));
    }
}
