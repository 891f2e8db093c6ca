package dev.parley.privacy.secagg;

/** A member's Ed25519 signature under the set of survivors that it was shown. */
public record Confirmation(int from, Deal.Bytes signature) {}
