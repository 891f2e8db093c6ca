package dev.parley.agent.participation;

import dev.parley.privacy.update.ContentHash;

/** How one attendance ended. */
sealed interface SessionEnd {
    /**
     * The federation is over; nothing more will be asked.
     *
     * @param model the last released model
     */
    record FederationEnded(String outcome, ContentHash model) implements SessionEnd {
        boolean completed() {
            return outcome.equals("completed");
        }
    }

    /** @param welcomed whether the coordinator had let the site in */
    record Cut(CallFailure failure, boolean welcomed) implements SessionEnd {}

    /** This site refuses the coordinator's audit log; it takes no more part. */
    record LogRefused(String reason) implements SessionEnd {}
}
