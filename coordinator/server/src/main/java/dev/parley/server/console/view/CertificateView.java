package dev.parley.server.console.view;

/** @param state {@code in-force, expired} or {@code revoked} */
public record CertificateView(String site, String serial, String notBefore, String notAfter, String state) {}
