package dev.parley.server.status;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One site, over all rounds that are remembered.
 *
 * @param state as in {@link FederationStatus.Site}
 * @param lastSeen when it last attached, detached or said something about a round; null if never since this coordinator started
 * @param invited rounds that it was asked to take part in
 * @param counted rounds whose model holds its update
 */
public record SiteRecord(
        String site,
        boolean attached,
        String state,
        int step,
        int steps,
        @Nullable Instant lastSeen,
        int invited,
        int counted,
        int refused,
        int lost) {}
