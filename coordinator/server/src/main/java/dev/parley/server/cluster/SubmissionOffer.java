package dev.parley.server.cluster;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SubmissionId;

/**
 * What a site wants to hand in.
 *
 * @param id whose site has been compared with the certificate's
 * @param content SHA-256 of the whole payload
 * @param totalBytes its size; 0 when only its fate is asked for
 */
public record SubmissionOffer(SubmissionId id, ContentHash content, long totalBytes) {}
