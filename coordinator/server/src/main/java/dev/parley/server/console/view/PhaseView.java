package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/** @param ended null while it lasts */
public record PhaseView(
        String name, String started, @Nullable String ended, long millis) {}
