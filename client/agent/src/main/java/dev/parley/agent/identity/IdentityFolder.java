package dev.parley.agent.identity;

import dev.parley.agent.storage.PrivateFiles;
import dev.parley.privacy.update.ContentHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;

/**
 * Where the identity lies: {@code site-key.pem} (mode 0600 from its first byte), {@code site.pem}, {@code authority.pem}.
 */
public final class IdentityFolder {
    private static final String KEY = "site-key.pem";
    private static final String CERTIFICATE = "site.pem";
    private static final String AUTHORITY = "authority.pem";

    private final Path folder;

    /** @param folder exists */
    public IdentityFolder(Path folder) {
        this.folder = folder;
    }

    public boolean isEnrolled() {
        return Files.exists(folder.resolve(CERTIFICATE));
    }

    /**
     * Keeps a fresh identity, after checking that the certificate is for this key, from this authority, and that the
     * authority is the pinned one.
     *
     * @throws IOException if a check fails or a file cannot be written; nothing is replaced then
     */
    public void keep(SiteKey key, byte[] certificateDer, byte[] authorityDer, ContentHash pinned) throws IOException {
        try {
            if (!ContentHash.of(authorityDer).equals(pinned)) {
                throw new IOException("the coordinator answered with another authority than the token's; the answer is "
                        + "not kept");
            }
            X509Certificate certificate = certificate(certificateDer);
            X509Certificate authority = certificate(authorityDer);
            certificate.verify(authority.getPublicKey());
            if (!certificate.getPublicKey().equals(key.publicKey())) {
                throw new IOException("the coordinator answered with a certificate for another key; it is not kept");
            }
            // The certificate is written last: its presence says that the others are there.
            PrivateFiles.write(
                    folder.resolve(KEY), pem("PRIVATE KEY", key.secretKey().getEncoded()));
            PrivateFiles.write(folder.resolve(AUTHORITY), pem("CERTIFICATE", authority.getEncoded()));
            PrivateFiles.write(folder.resolve(CERTIFICATE), pem("CERTIFICATE", certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the coordinator answered with a certificate that does not verify; it is not kept", e);
        }
    }

    /**
     * Reads what {@link #keep} wrote.
     *
     * @throws NoSuchFileException if the site is not enrolled
     * @throws IOException if a file is damaged or readable by others; the message says which and what to do
     */
    public SiteIdentity read() throws IOException {
        try {
            Path keyFile = folder.resolve(KEY);
            PrivateFiles.requirePrivate(keyFile);
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(
                            PemBlock.parse(Files.readString(keyFile)).der()));
            if (!(key instanceof ECPrivateKey)) {
                throw new IOException(keyFile + " is not an EC key");
            }
            return new SiteIdentity(
                    key,
                    certificate(PemBlock.parse(Files.readString(folder.resolve(CERTIFICATE)))
                            .der()),
                    certificate(PemBlock.parse(Files.readString(folder.resolve(AUTHORITY)))
                            .der()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "the identity in " + folder + " is damaged: remove site-key.pem, site.pem and authority.pem there "
                            + "and enrol again with a new token",
                    e);
        }
    }

    private static X509Certificate certificate(byte[] der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static byte[] pem(String label, byte[] der) {
        return new PemBlock(label, der).text().getBytes(StandardCharsets.US_ASCII);
    }
}
