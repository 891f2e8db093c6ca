package dev.parley.server.console.view;

/** @param status {@code up} */
public record Health(String status) {}
