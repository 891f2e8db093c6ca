package dev.parley.server.identity;

import dev.parley.rounds.SiteName;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges the certificate that a caller has shown, and whose private key TLS has seen it use. The site's name comes from
 * here and from nowhere else.
 */
public final class SiteCertificates {
    /** The subject alternative name of a site's certificate is this and the site's name. */
    static final String URI_PREFIX = "urn:parley:site:";

    private static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
    private static final int SAN_URI = 6;
    private static final String ENROL_AGAIN = "; ask the coordinator's operator for a new token and enrol again";

    private final X509Certificate authority;
    private final CertificateRegister register;
    private final InstantSource clock;

    public SiteCertificates(CertificateAuthority authority, InstantSource clock) {
        this.authority = authority.certificate();
        this.register = authority.register();
        this.clock = clock;
    }

    /** What a caller is. */
    public sealed interface Verdict {
        /** A site, by name. */
        record Identified(SiteName site) implements Verdict {}

        /** Nobody. The reason may be shown to the caller. */
        record Refused(String reason) implements Verdict {}
    }

    /** @param leaf the certificate of the TLS client; null if it showed none */
    public Verdict judge(@Nullable X509Certificate leaf) {
        if (leaf == null) {
            return refused(
                    "this call needs a site certificate and the client showed none; enrol with a one-time token");
        }
        if (!isIssuedByAuthority(leaf)) {
            return refused("the certificate was not issued by this coordinator's authority" + ENROL_AGAIN);
        }
        Instant now = clock.instant();
        if (now.isAfter(leaf.getNotAfter().toInstant())) {
            return refused("the certificate expired at " + leaf.getNotAfter().toInstant() + ENROL_AGAIN);
        }
        if (now.isBefore(leaf.getNotBefore().toInstant())) {
            return refused("the certificate is valid only from "
                    + leaf.getNotBefore().toInstant() + "; check the clocks: here it is " + now);
        }
        try {
            List<String> purposes = leaf.getExtendedKeyUsage();
            if (leaf.getBasicConstraints() >= 0 || purposes == null || !purposes.contains(CLIENT_AUTHENTICATION)) {
                return refused("the certificate is not a site's client certificate" + ENROL_AGAIN);
            }
            SiteName site = siteNamedIn(leaf.getSubjectAlternativeNames());
            if (site == null) {
                return refused("the certificate names no site" + ENROL_AGAIN);
            }
            if (!register.inForce(site, leaf)) {
                return refused("the certificate of site " + site + " was revoked" + ENROL_AGAIN);
            }
            return new Verdict.Identified(site);
        } catch (CertificateParsingException e) {
            return refused("the certificate cannot be read" + ENROL_AGAIN);
        }
    }

    private boolean isIssuedByAuthority(X509Certificate leaf) {
        if (!leaf.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
            return false;
        }
        try {
            leaf.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static @Nullable SiteName siteNamedIn(@Nullable Collection<List<?>> alternatives) {
        if (alternatives == null || alternatives.size() != 1) {
            return null;
        }
        List<?> only = alternatives.iterator().next();
        if (only.get(0) instanceof Integer type
                && type == SAN_URI
                && only.get(1) instanceof String uri
                && uri.startsWith(URI_PREFIX)) {
            try {
                return new SiteName(uri.substring(URI_PREFIX.length()));
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        return null;
    }

    private static Verdict refused(String reason) {
        return new Verdict.Refused(reason);
    }
}
