package dev.parley.server.console.view;

/**
 * Whether the coordinator can do its work.
 *
 * @param federation a federation runs or has ended in order
 * @param database the database answers
 */
public record Readiness(boolean ready, boolean federation, boolean database) {}
