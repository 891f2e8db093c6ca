package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/** A script's key, without the key. */
public record KeyView(
        String id,
        String label,
        String role,
        String account,
        String created,
        String expires,
        @Nullable String lastUsed) {}
