package dev.parley.agent.participation;

import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The seed of one site's training in one round: the first eight bytes, big-endian, of SHA-256 over the text
 * {@code "parley-site-seed-v1"}, the federation's seed (8 bytes), the round (4 bytes) and the site's name (UTF-8).
 *
 * <p>The attempt is left out on purpose: a round that is repeated trains the same, so it can release the same bits.
 */
public final class SiteSeed {
    private static final byte[] DOMAIN = "parley-site-seed-v1".getBytes(StandardCharsets.US_ASCII);

    private SiteSeed() {}

    public static long derive(long federationSeed, int round, String site) {
        MessageDigest digest = ContentHash.newDigest();
        digest.update(DOMAIN);
        digest.update(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(federationSeed)
                .putInt(round)
                .flip());
        digest.update(site.getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(digest.digest()).getLong();
    }
}
