package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/** A person who may log in. */
public record UserView(
        String name, String role, String created, @Nullable String lastLogin) {}
