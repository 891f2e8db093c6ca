package dev.parley.agent.identity;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts exactly the authority with one fingerprint.
 *
 * <p><b>Guarantees</b>: the server's chain contains a certificate with that SHA-256, leads to it by the platform's PKIX
 * rules, is in date, and names the host that was dialled (the platform checks the name because gRPC asks for it).
 * <b>Does not</b> accept the platform's certificate authorities, or any client.
 */
public final class PinnedAuthority extends X509ExtendedTrustManager {
    private final ContentHash fingerprint;

    public PinnedAuthority(ContentHash fingerprint) {
        this.fingerprint = fingerprint;
    }

    /** The server is not vouched for by the pinned authority. */
    public static final class UntrustedServerException extends CertificateException {
        UntrustedServerException(String message) {
            super(message);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        delegate(chain).checkServerTrusted(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        delegate(chain).checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        // Without engine or socket the host's name could not be checked.
        throw new UntrustedServerException("the server's name cannot be checked on this connection");
    }

    private X509ExtendedTrustManager delegate(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate certificate : chain) {
            if (ContentHash.of(certificate.getEncoded()).equals(fingerprint)) {
                return trustingOnly(certificate);
            }
        }
        throw new UntrustedServerException("the server's certificate is not from the authority "
                + fingerprint.abbreviated() + "... that this site trusts");
    }

    private static X509ExtendedTrustManager trustingOnly(X509Certificate authority) throws CertificateException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("authority", authority);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return extended;
                }
            }
            throw new CertificateException("the platform has no PKIX trust manager");
        } catch (IOException | GeneralSecurityException e) {
            throw new CertificateException("the platform's trust manager cannot be set up", e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("an agent has no clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
