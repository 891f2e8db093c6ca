package dev.parley.server.console.view;

/** @param revoked how many certificates were in force until now */
public record RevocationView(String site, int revoked) {}
