package dev.parley.server.cluster;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.SiteName;
import java.nio.file.Path;

/**
 * One federation as the gateway sees it. Calls may block for as long as the federation takes to look at a message, which
 * is short: slow work happens elsewhere.
 */
public interface Federation {
    FederationName name();

    /**
     * A site is there with the keys that it announces, which are authentic. An earlier link of the site is replaced. What
     * is still open for the site is sent over the link.
     *
     * @throws UnavailableException if the federation is stopping or does not answer in time
     */
    Attachment attach(SiteName site, Announcement announcement, SiteLink link);

    /** A site is gone; ignored if another link has replaced this one. */
    void detach(SiteName site, SiteLink link);

    void hear(SiteName site, SiteStatement statement);

    /** @throws UnavailableException as {@link #attach} */
    Admission admit(SubmissionOffer offer);

    /**
     * Hands in a complete submission; the answer is {@link Admission.Counted} if and only if it counts, now or already.
     *
     * @param planHash of the plan that it answers
     * @param file its bytes, hash checked, which stays until the round has ended
     * @throws UnavailableException as {@link #attach}
     */
    Admission submit(SubmissionOffer offer, ContentHash planHash, Path file);

    /** The answer to {@link #attach}. */
    sealed interface Attachment {
        record Attached() implements Attachment {}

        /** Not a member of this federation. */
        record NotMember() implements Attachment {}

        /** The policies in force refuse the site. */
        record Denied(String reason) implements Attachment {}

        /** As many sites are attached as there may be. */
        record Full(int limit) implements Attachment {}
    }

    /** The federation is stopping, or too busy to answer in time. */
    final class UnavailableException extends RuntimeException {
        public UnavailableException(Throwable cause) {
            super("the federation is stopping or too busy; try again in a few seconds", cause);
        }
    }
}
