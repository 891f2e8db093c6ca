package dev.parley.server.identity;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SiteName;
import dev.parley.server.registry.DurableFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The coordinator's own certificate authority: EC P-256, one level deep, no intermediate.
 *
 * <p><b>Guarantees</b>: the key is created with mode 0600 and never leaves its file and this object; every certificate
 * of a site is written to the register before it is handed out. <b>Does not</b> protect the key against whoever can read
 * the data folder as the coordinator's user.
 */
public final class CertificateAuthority {
    /** Longer than any federation; replacing the authority means enrolling every site again. */
    private static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3650);
    /** Certificates start a little in the past: sites' clocks are off by seconds to minutes. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);

    private static final int SERIAL_BITS = 127;
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F]*:[0-9a-fA-F:.]+");

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final CertificateRegister register;
    private final CertificateLifetimes lifetimes;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    private CertificateAuthority(
            PrivateKey key,
            X509Certificate certificate,
            CertificateRegister register,
            CertificateLifetimes lifetimes,
            InstantSource clock) {
        this.key = key;
        this.certificate = certificate;
        this.register = register;
        this.lifetimes = lifetimes;
        this.clock = clock;
    }

    /**
     * Opens the authority in {@code folder}, or founds one there.
     *
     * @throws IOException if its files cannot be read, or are not a key and its certificate; the message says which
     */
    public static CertificateAuthority open(Path folder, CertificateLifetimes lifetimes, InstantSource clock)
            throws IOException {
        Path keyFile = folder.resolve("authority-key.pem");
        Path certificateFile = folder.resolve("authority.pem");
        CertificateRegister register = new CertificateRegister(folder.resolve("issued"));
        try {
            foundIfMissing(folder, keyFile, certificateFile, clock.instant());
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(
                            PemFile.parse(Files.readString(keyFile)).der()));
            X509Certificate certificate =
                    decode(PemFile.parse(Files.readString(certificateFile)).der());
            return new CertificateAuthority(key, certificate, register, lifetimes, clock);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "the certificate authority in " + folder + " is damaged: restore authority-key.pem and "
                            + "authority.pem from a backup, or remove both and enrol every site again",
                    e);
        }
    }

    // Two first commands at the same moment must not write a key and a certificate that do not belong together.
    private static void foundIfMissing(Path folder, Path keyFile, Path certificateFile, Instant now)
            throws IOException, GeneralSecurityException {
        synchronized (CertificateAuthority.class) {
            try (FileChannel channel = FileChannel.open(
                            folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !Files.exists(certificateFile)) {
                    found(keyFile, certificateFile, now);
                }
            }
        }
    }

    private static void found(Path keyFile, Path certificateFile, Instant now)
            throws IOException, GeneralSecurityException {
        KeyPair pair = newKeyPair();
        X500Name name = new X500Name("CN=Parley authority " + Long.toHexString(new SecureRandom().nextLong()));
        X509v3CertificateBuilder builder =
                builder(name, name, pair.getPublic().getEncoded(), now, AUTHORITY_LIFETIME, new SecureRandom());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        X509Certificate certificate = sign(builder, pair.getPrivate());
        // The certificate is written last: its presence says that the key is there.
        DurableFiles.writePrivate(keyFile, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        DurableFiles.writePrivate(certificateFile, pem("CERTIFICATE", certificate.getEncoded()));
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** SHA-256 of the authority's certificate: what an agent pins before it is enrolled. */
    public ContentHash fingerprint() {
        try {
            return ContentHash.of(certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalStateException("a parsed certificate can be encoded", e);
        }
    }

    /** Which of the certificates issued so far are in force. */
    public CertificateRegister register() {
        return register;
    }

    /**
     * A fresh key and a certificate for it.
     *
     * @param names host names and IP addresses by which agents reach the server, at least one
     */
    public ServerCredentials issueServer(List<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("a server certificate needs at least one name");
        }
        try {
            KeyPair pair = newKeyPair();
            X509v3CertificateBuilder builder = builder(
                    issuer(),
                    new X500Name("CN=Parley coordinator"),
                    pair.getPublic().getEncoded(),
                    clock.instant(),
                    lifetimes.server(),
                    random);
            List<GeneralName> alternatives = new ArrayList<>();
            for (String name : names) {
                boolean address = ADDRESS.matcher(name).matches();
                alternatives.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name));
            }
            addLeafExtensions(builder, KeyPurposeId.id_kp_serverAuth, alternatives);
            return new ServerCredentials(pair.getPrivate(), List.of(sign(builder, key), certificate));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("could not make a server certificate for " + names, e);
        }
    }

    /** A certificate that names {@code site}, entered in the register. */
    public X509Certificate issueSite(SiteName site, CertificateRequest request) throws IOException {
        try {
            X509v3CertificateBuilder builder = builder(
                    issuer(),
                    new X500Name("CN=" + site.value()),
                    request.publicKey().getEncoded(),
                    clock.instant(),
                    lifetimes.site(),
                    random);
            addLeafExtensions(
                    builder,
                    KeyPurposeId.id_kp_clientAuth,
                    List.of(new GeneralName(
                            GeneralName.uniformResourceIdentifier, SiteCertificates.URI_PREFIX + site.value())));
            X509Certificate issued = sign(builder, key);
            register.enter(site, issued);
            return issued;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("could not make a certificate for site " + site, e);
        }
    }

    private X500Name issuer() {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    private void addLeafExtensions(
            X509v3CertificateBuilder builder, KeyPurposeId purpose, List<GeneralName> alternatives)
            throws CertIOException, GeneralSecurityException {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        builder.addExtension(
                Extension.subjectAlternativeName, false, new GeneralNames(alternatives.toArray(new GeneralName[0])));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate.getPublicKey()));
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, byte[] publicKey, Instant now, Duration lifetime, SecureRandom random) {
        Instant start = now.truncatedTo(ChronoUnit.SECONDS);
        return new X509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE),
                Date.from(start.minus(CLOCK_TOLERANCE)),
                Date.from(start.plus(lifetime)),
                subject,
                SubjectPublicKeyInfo.getInstance(publicKey));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, IOException {
        try {
            return decode(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key))
                    .getEncoded());
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("the platform cannot sign with " + SIGNATURE, e);
        }
    }

    private static X509Certificate decode(byte[] der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static KeyPair newKeyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static byte[] pem(String label, byte[] der) {
        return new PemFile(label, der).text().getBytes(StandardCharsets.US_ASCII);
    }
}
