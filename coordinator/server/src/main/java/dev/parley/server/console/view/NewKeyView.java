package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/**
 * A key just made.
 *
 * @param key shown this once; null in the answer to a repeated request
 */
public record NewKeyView(
        String id,
        String label,
        String role,
        String expires,
        @Nullable String key) {}
