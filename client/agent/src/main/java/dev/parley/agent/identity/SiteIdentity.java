package dev.parley.agent.identity;

import dev.parley.privacy.update.ContentHash;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;

/** An enrolled site: key, certificate for it, and the authority that issued it. */
public final class SiteIdentity {
    private final PrivateKey key;
    private final X509Certificate certificate;
    private final X509Certificate authority;

    SiteIdentity(PrivateKey key, X509Certificate certificate, X509Certificate authority) {
        this.key = key;
        this.certificate = certificate;
        this.authority = authority;
    }

    /** For TLS only. */
    public PrivateKey secretKey() {
        return key;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** SHA-256 of the authority's certificate: what the server's chain must contain. */
    public ContentHash authorityFingerprint() {
        try {
            return ContentHash.of(authority.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate can be encoded", e);
        }
    }

    public Instant validUntil() {
        return certificate.getNotAfter().toInstant();
    }

    @Override
    public String toString() {
        return "SiteIdentity[redacted, valid until " + validUntil() + "]";
    }
}
