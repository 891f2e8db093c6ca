package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/**
 * A site's newest enrolment token, without the token.
 *
 * @param state {@code open, used} or {@code expired}
 */
public record TokenView(
        String site, String state, String expires, @Nullable String used) {}
