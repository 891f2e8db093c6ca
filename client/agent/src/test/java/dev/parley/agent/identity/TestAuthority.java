package dev.parley.agent.identity;

import dev.parley.privacy.update.ContentHash;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** A certificate authority that tests found in a moment. */
public final class TestAuthority {
    private final KeyPair pair;
    private final X509Certificate certificate;
    private long serial = 1;

    public TestAuthority() throws Exception {
        pair = newPair();
        X509v3CertificateBuilder builder = builder(
                "CN=test authority",
                SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()),
                Duration.ofDays(1));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        certificate = sign(builder);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public ContentHash fingerprint() throws Exception {
        return ContentHash.of(certificate.getEncoded());
    }

    /** A well-formed token that vouches for this authority. */
    public EnrolmentToken token() throws Exception {
        return EnrolmentToken.parse(
                "parley1." + "s".repeat(43) + "." + fingerprint().hex());
    }

    /** What a server presents. */
    public record Server(PrivateKey key, X509Certificate certificate) {}

    /** A server certificate for a DNS name, in force for {@code lifetime} from a minute ago. */
    public Server server(String name, Duration lifetime) throws Exception {
        KeyPair server = newPair();
        X509v3CertificateBuilder builder = builder(
                "CN=server", SubjectPublicKeyInfo.getInstance(server.getPublic().getEncoded()), lifetime);
        builder.addExtension(
                Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
        return new Server(server.getPrivate(), sign(builder));
    }

    /** A site's certificate for the key of a request. */
    public X509Certificate issue(byte[] request) throws Exception {
        PKCS10CertificationRequest parsed = new PKCS10CertificationRequest(request);
        return sign(builder("CN=site", parsed.getSubjectPublicKeyInfo(), Duration.ofHours(1)));
    }

    private X509v3CertificateBuilder builder(String subject, SubjectPublicKeyInfo key, Duration lifetime) {
        Instant start = Instant.now().minusSeconds(60);
        return new X509v3CertificateBuilder(
                new X500Name("CN=test authority"),
                BigInteger.valueOf(serial++),
                Date.from(start),
                Date.from(start.plus(lifetime)),
                new X500Name(subject),
                key);
    }

    private X509Certificate sign(X509v3CertificateBuilder builder) throws Exception {
        byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static KeyPair newPair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
