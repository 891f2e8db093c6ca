package dev.parley.server.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What the TLS server presents. The key exists in this process's memory only.
 *
 * @param chain server certificate, then authority
 */
public record ServerCredentials(PrivateKey key, List<X509Certificate> chain) {
    public ServerCredentials {
        chain = List.copyOf(chain);
    }

    @Override
    public String toString() {
        return "ServerCredentials[redacted]";
    }
}
