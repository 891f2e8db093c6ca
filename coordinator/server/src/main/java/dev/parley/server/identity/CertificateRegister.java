package dev.parley.server.identity;

import dev.parley.rounds.SiteName;
import dev.parley.server.registry.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The certificates issued to sites, one file each. A certificate is in force only while its file is there, so revoking
 * works at once, and from another process, without a list that could be missed.
 */
public final class CertificateRegister {
    private static final String IN_FORCE = ".pem";

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
