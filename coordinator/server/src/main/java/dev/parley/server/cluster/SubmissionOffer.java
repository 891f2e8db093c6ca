package dev.parley.server.cluster;

import dev.parley.privacy.update.ContentHash;
import dev.parley.server.identity.SiteName;

/**
 * What a site wants to hand in.
 *
 * @param site from the certificate
 * @param content SHA-256 of the whole payload
 * @param totalBytes its size
 */
public record SubmissionOffer(SiteName site, int round, int attempt, ContentHash content, long totalBytes) {}
