package dev.parley.agent.participation;

import dev.parley.agent.egress.Verdict;
import dev.parley.privacy.update.EncodedUpdate;

/** What came of a site's part in a round. */
public sealed interface Participation {
    /**
     * The site contributes.
     *
     * @param update what leaves the site once it is masked
     * @param local what stays
     */
    record Contributed(EncodedUpdate update, LocalOutcome local) implements Participation {}

    /** The site takes no part. */
    record Declined(Verdict.Refused refusal) implements Participation {}

    /** Training gave NaN or an infinity; nothing may leave. The reason says what to do about it. */
    record Diverged(String reason) implements Participation {}

    /**
     * Facts for the site itself. They describe one site's records and do not leave it without a mechanism.
     *
     * @param examples records used
     * @param steps optimiser steps; 0 for a statistics round
     * @param meanLoss mean training loss; 0 for a statistics round
     * @param clipped whether the clip norm was in force
     */
    record LocalOutcome(long examples, int steps, double meanLoss, boolean clipped) {}
}
