package dev.parley.server.identity;

import java.time.Duration;

/**
 * How long certificates are good for.
 *
 * @param site of a site's client certificate; a site enrols again when it has ended
 * @param server of the server certificate, which is made afresh at every start
 */
public record CertificateLifetimes(Duration site, Duration server) {
    /** Shorter than this a clock that is slightly off refuses everything. */
    private static final Duration LEAST = Duration.ofMinutes(1);

    public CertificateLifetimes {
        if (site.compareTo(LEAST) < 0 || server.compareTo(LEAST) < 0) {
            throw new IllegalArgumentException(
                    "a certificate lives at least one minute, got site " + site + ", server " + server);
        }
    }
}
