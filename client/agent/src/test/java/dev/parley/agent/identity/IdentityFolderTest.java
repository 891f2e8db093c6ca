package dev.parley.agent.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFolderTest {
    @TempDir
    Path folder;

    private final SiteKey key = SiteKey.generate();

    private void keep(TestAuthority authority) throws Exception {
        new IdentityFolder(folder)
                .keep(
                        key,
                        authority.issue(key.certificateRequest("north")).getEncoded(),
                        authority.certificate().getEncoded(),
                        authority.fingerprint());
    }

    @Test
    void readsBackWhatItKeptInFilesOfTheOwnerAlone() throws Exception {
        TestAuthority authority = new TestAuthority();
        assertFalse(new IdentityFolder(folder).isEnrolled());

        keep(authority);

        SiteIdentity identity = new IdentityFolder(folder).read();
        assertEquals(key.secretKey(), identity.secretKey());
        assertEquals(authority.fingerprint(), identity.authorityFingerprint());
        assertTrue(new IdentityFolder(folder).isEnrolled());
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
                        file.toString());
            }
        }
    }

    @Test
    void keepsNothingFromAnotherAuthorityThanTheTokens() throws Exception {
        TestAuthority authority = new TestAuthority();
        TestAuthority other = new TestAuthority();

        assertThrows(
                IOException.class,
                () -> new IdentityFolder(folder)
                        .keep(
                                key,
                                other.issue(key.certificateRequest("north")).getEncoded(),
                                other.certificate().getEncoded(),
                                authority.fingerprint()));
        assertThrows(
                IOException.class,
                () -> new IdentityFolder(folder)
                        .keep(
                                key,
                                other.issue(key.certificateRequest("north")).getEncoded(),
                                authority.certificate().getEncoded(),
                                authority.fingerprint()));
        assertFalse(new IdentityFolder(folder).isEnrolled());
    }

    @Test
    void keepsNoCertificateForAnotherKey() throws Exception {
        TestAuthority authority = new TestAuthority();
        byte[] foreign =
                authority.issue(SiteKey.generate().certificateRequest("north")).getEncoded();

        assertThrows(
                IOException.class,
                () -> new IdentityFolder(folder)
                        .keep(key, foreign, authority.certificate().getEncoded(), authority.fingerprint()));
        assertFalse(new IdentityFolder(folder).isEnrolled());
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws Exception {
        keep(new TestAuthority());
        Files.setPosixFilePermissions(folder.resolve("site-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));

        IOException refused = assertThrows(IOException.class, () -> new IdentityFolder(folder).read());

        assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"), refused.getMessage());
    }

    @Test
    void saysWhatToDoAboutDamage() throws Exception {
        keep(new TestAuthority());
        Files.writeString(folder.resolve("site.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        IOException refused = assertThrows(IOException.class, () -> new IdentityFolder(folder).read());

        assertTrue(String.valueOf(refused.getMessage()).contains("enrol again"), refused.getMessage());
    }

    @Test
    void isNotThereBeforeEnrolment() {
        assertThrows(NoSuchFileException.class, () -> new IdentityFolder(folder).read());
    }
}
