package dev.parley.server.cluster;

import dev.parley.privacy.update.ContentHash;
import java.util.List;

/** What a site says about an open round. The site itself comes from its certificate, never from here. */
public sealed interface SiteStatement {
    /** It will take part in the round with this plan. */
    record Accepted(ContentHash plan) implements SiteStatement {}

    /** It will not, by its own rule. */
    record Refused(ContentHash plan, String rule) implements SiteStatement {}

    /** How far its training is; shown to people, never decided upon. */
    record Progressed(int round, int step, int steps) implements SiteStatement {}

    /** Counts over its held-out records; pooled by addition. */
    record Evaluated(int round, ContentHash model, List<Long> counts) implements SiteStatement {}
}
