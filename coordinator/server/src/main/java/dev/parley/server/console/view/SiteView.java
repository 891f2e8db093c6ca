package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/**
 * One site.
 *
 * @param state in the running round
 * @param lastSeen ISO-8601; null if not since the coordinator started
 * @param certificateExpires when the newest certificate in force ends; null if none is in force
 * @param invited rounds it was asked to take part in since the coordinator started
 */
public record SiteView(
        String site,
        boolean attached,
        String state,
        int step,
        int steps,
        @Nullable String lastSeen,
        @Nullable String certificateExpires,
        int invited,
        int counted,
        int refused,
        int lost) {}
