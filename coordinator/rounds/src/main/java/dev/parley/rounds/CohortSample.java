package dev.parley.rounds;

import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses a cohort uniformly among the attached sites, by the federation's seed alone: each site gets the SHA-256 of seed,
 * federation, round, attempt and its name, and the smallest win. So the choice depends on who is attached, not on the order
 * in which they came, and a site's rank does not depend on the others.
 */
final class CohortSample {
    private CohortSample() {}

    static List<SiteName> of(Collection<SiteName> attached, FederationSpec spec, RoundId id) {
        int most = spec.cohort().maximum();
        if (attached.size() <= most) {
            return attached.stream().sorted().toList();
        }
        record Ranked(ContentHash rank, SiteName site) {}
        return attached.stream()
                .map(site -> new Ranked(rank(spec, id, site), site))
                .sorted(Comparator.comparing(Ranked::rank))
                .limit(most)
                .map(Ranked::site)
                .sorted()
                .toList();
    }

    private static ContentHash rank(FederationSpec spec, RoundId id, SiteName site) {
        MessageDigest digest = ContentHash.newDigest();
        digest.update(("parley-cohort-v1/" + spec.name() + "/" + site).getBytes(StandardCharsets.UTF_8));
        digest.update(ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES)
                .putLong(spec.seed())
                .putInt(id.round())
                .putInt(id.attempt())
                .array());
        return ContentHash.ofDigest(digest.digest());
    }
}
