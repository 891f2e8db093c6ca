package dev.parley.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.rounds.SiteName;
import dev.parley.server.identity.SiteCertificates.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteCertificatesTest {
    private static final SiteName NORTH = new SiteName("north");
    private static final CertificateLifetimes LIFETIMES =
            new CertificateLifetimes(Duration.ofDays(1), Duration.ofDays(2));

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-24T10:00:00Z");
    private CertificateAuthority authority;
    private SiteCertificates certificates;

    @BeforeEach
    void found() throws Exception {
        authority = authorityIn("ours");
        certificates = new SiteCertificates(authority, () -> now);
    }

    @Test
    void identifiesASiteByItsCertificate() throws Exception {
        assertEquals(new Verdict.Identified(NORTH), certificates.judge(issued(authority)));
    }

    @Test
    void knowsItsOwnCertificatesAfterARestart() throws Exception {
        X509Certificate leaf = issued(authority);

        CertificateAuthority reopened = authorityIn("ours");

        assertEquals(authority.fingerprint(), reopened.fingerprint());
        assertEquals(new Verdict.Identified(NORTH), new SiteCertificates(reopened, () -> now).judge(leaf));
    }

    @Test
    void refusesACallerWithoutCertificate() {
        assertRefused(null, "showed none");
    }

    @Test
    void refusesACertificateOfAnotherAuthority() throws Exception {
        assertRefused(issued(authorityIn("theirs")), "not issued by this coordinator's authority");
    }

    @Test
    void refusesAnExpiredAndAFutureCertificate() throws Exception {
        X509Certificate leaf = issued(authority);
        now = now.plus(Duration.ofDays(1)).plusMillis(1);
        assertRefused(leaf, "expired at 2026-11-25T10:00:00Z");
        now = now.minus(Duration.ofDays(2));
        assertRefused(leaf, "valid only from");
    }

    @Test
    void refusesTheServersOwnAndTheAuthoritysCertificate() {
        assertRefused(authority.issueServer(List.of("localhost")).chain().get(0), "not a site's client certificate");
        assertRefused(authority.certificate(), "not a site's client certificate");
    }

    @Test
    void refusesARevokedCertificateAndAcceptsTheNextOne() throws Exception {
        X509Certificate leaf = issued(authority);

        assertEquals(1, authority.register().revoke(NORTH));

        assertRefused(leaf, "was revoked");
        assertInstanceOf(Verdict.Identified.class, certificates.judge(issued(authority)));
        assertEquals(List.of(NORTH), authority.register().sites());
    }

    @Test
    void keepsItsKeyToItself() throws Exception {
        for (String file : List.of("authority-key.pem", "authority.pem")) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve("ours").resolve(file))));
        }
    }

    @Test
    void saysWhatToDoWhenItsFilesAreDamaged() throws Exception {
        Files.writeString(folder.resolve("ours").resolve("authority-key.pem"), "nonsense");

        IOException damage = assertThrows(IOException.class, () -> authorityIn("ours"));

        assertTrue(String.valueOf(damage.getMessage()).contains("restore authority-key.pem"), damage.getMessage());
    }

    private CertificateAuthority authorityIn(String name) throws IOException {
        return CertificateAuthority.open(Files.createDirectories(folder.resolve(name)), LIFETIMES, () -> now);
    }

    private static X509Certificate issued(CertificateAuthority by) throws Exception {
        return by.issueSite(NORTH, CertificateRequest.parse(SiteKeys.fresh().request()));
    }

    private void assertRefused(X509Certificate leaf, String reason) {
        Verdict.Refused refused = assertInstanceOf(Verdict.Refused.class, certificates.judge(leaf));
        assertTrue(refused.reason().contains(reason), refused.reason());
    }
}
