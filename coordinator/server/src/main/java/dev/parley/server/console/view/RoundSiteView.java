package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/**
 * A site in a round; each time is ISO-8601, null if it did not happen.
 *
 * @param fate {@code open, counted, not-used, refused} or {@code lost}
 */
public record RoundSiteView(
        String site,
        String fate,
        String invited,
        @Nullable String accepted,
        @Nullable String submitted,
        @Nullable String refused,
        @Nullable String evaluated,
        int step,
        int steps) {}
