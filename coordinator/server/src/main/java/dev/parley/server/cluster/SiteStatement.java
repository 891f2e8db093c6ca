package dev.parley.server.cluster;

import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.RoundEvent;
import java.util.SortedMap;

/** What a site says about an open round. The site itself comes from its certificate, never from here. */
public sealed interface SiteStatement {
    /** It will take part in the round with this plan, and has dealt its shares. */
    record Accepted(ContentHash plan, RoundEvent.Deals deals) implements SiteStatement {}

    /** It has agreed on secrets with members of a roster; what each needs, by position. */
    record KeysAgreed(ContentHash roster, SortedMap<Integer, Bytes> encapsulations) implements SiteStatement {}

    /** It has signed the survivors that it was shown. */
    record SurvivorsSigned(ContentHash plan, Purpose purpose, Confirmation confirmation) implements SiteStatement {}

    /** It reveals shares. */
    record SharesRevealed(ContentHash plan, Purpose purpose, Opening opening) implements SiteStatement {}

    /** It will not, by its own rule. */
    record Refused(ContentHash plan, String rule) implements SiteStatement {}

    /** How far its training is; shown to people, never decided upon. */
    record Progressed(int round, int step, int steps) implements SiteStatement {}

    /** Counts over its held-out records, masked. */
    record Evaluated(int round, ContentHash model, Bytes masked) implements SiteStatement {}
}
