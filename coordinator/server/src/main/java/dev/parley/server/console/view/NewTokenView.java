package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/**
 * A token just made.
 *
 * @param token shown this once; null in the answer to a repeated request
 */
public record NewTokenView(
        String site, String expires, @Nullable String token) {}
