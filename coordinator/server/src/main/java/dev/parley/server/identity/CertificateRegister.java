package dev.parley.server.identity;

import dev.parley.rounds.SiteName;
import dev.parley.server.registry.DurableFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The certificates issued to sites, one file each. A certificate is in force only while its file is there, so revoking
 * works at once, and from another process, without a list that could be missed.
 */
public final class CertificateRegister {
    private static final String IN_FORCE = ".pem";
    private static final String REVOKED = ".pem.revoked";

    private final Path folder;

    CertificateRegister(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    void enter(SiteName site, X509Certificate certificate) throws IOException {
        try {
            DurableFiles.write(
                    file(site, certificate),
                    new PemFile("CERTIFICATE", certificate.getEncoded()).text().getBytes(StandardCharsets.US_ASCII));
        } catch (CertificateException e) {
            throw new IllegalStateException("a signed certificate can be encoded", e);
        }
    }

    boolean inForce(SiteName site, X509Certificate certificate) {
        return Files.exists(file(site, certificate));
    }

    /**
     * Takes every certificate of a site out of force; new calls with them are refused from now on.
     *
     * @return how many there were
     */
    public int revoke(SiteName site) throws IOException {
        int revoked = 0;
        for (Path file : files()) {
            if (siteOf(file).equals(site.value())) {
                Files.move(
                        file,
                        file.resolveSibling(file.getFileName() + ".revoked"),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                revoked++;
            }
        }
        return revoked;
    }

    /** The sites that hold a certificate in force, ascending. */
    public List<SiteName> sites() throws IOException {
        TreeSet<SiteName> sites = new TreeSet<>();
        for (Path file : files()) {
            sites.add(new SiteName(siteOf(file)));
        }
        return List.copyOf(sites);
    }

    /**
     * One certificate that was issued to a site.
     *
     * @param serial hexadecimal
     * @param inForce false once it was revoked; an expired one may still be in force and opens nothing
     */
    public record Issued(SiteName site, String serial, Instant notBefore, Instant notAfter, boolean inForce) {}

    /** Every certificate issued so far, by site, the newest of a site first. */
    public List<Issued> certificates() throws IOException {
        List<Issued> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (!name.startsWith(".") && (name.endsWith(IN_FORCE) || name.endsWith(REVOKED))) {
                    all.add(issued(file, name.endsWith(IN_FORCE)));
                }
            }
        }
        all.sort(Comparator.comparing(Issued::site)
                .thenComparing(Comparator.comparing(Issued::notBefore).reversed()));
        return all;
    }

    private static Issued issued(Path file, boolean inForce) throws IOException {
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(
                            PemFile.parse(Files.readString(file)).der()));
            return new Issued(
                    new SiteName(siteOf(file)),
                    certificate.getSerialNumber().toString(16),
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant(),
                    inForce);
        } catch (CertificateException | IllegalArgumentException e) {
            throw new IOException("the certificate file " + file + " is damaged: restore it from a backup", e);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.endsWith(IN_FORCE) && !name.startsWith(".");
                    })
                    .toList();
        }
    }

    private static String siteOf(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.indexOf('_'));
    }

    // A site's name holds no underscore and the serial is hexadecimal, so the file name is unambiguous and harmless.
    private Path file(SiteName site, X509Certificate certificate) {
        return folder.resolve(site.value() + "_" + certificate.getSerialNumber().toString(16) + IN_FORCE);
    }
}
