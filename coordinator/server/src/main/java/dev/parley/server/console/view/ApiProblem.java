package dev.parley.server.console.view;

/** An error as RFC 9457 writes it. */
public record ApiProblem(String type, String title, int status, String detail) {}
