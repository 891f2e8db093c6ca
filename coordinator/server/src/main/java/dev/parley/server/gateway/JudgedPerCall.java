package dev.parley.server.gateway;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Leaves the judgement of client certificates to {@link CallerIdentity}, which refuses with a reason that the agent can show; a
 * TLS alert would only say "bad certificate". TLS still proves that the client holds the certificate's private key.
 *
 * <p><b>Does not</b> authenticate anyone by itself: to be used only on a server all of whose calls pass CallerIdentity.
 */
final class JudgedPerCall extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw notAClient();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw notAClient();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw notAClient();
    }

    // An empty list keeps clients from holding back a certificate of another authority, which deserves a clear answer.
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static CertificateException notAClient() {
        return new CertificateException("the coordinator connects to nobody");
    }
}
