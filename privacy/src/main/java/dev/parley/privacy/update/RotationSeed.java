package dev.parley.privacy.update;

/**
 * Where the signs of a round's rotation come from: 32 public bytes, the same at every site, derived from what names the
 * round so that no two rounds rotate alike.
 *
 * @param digest SHA-256 over the round's identity; its bytes key AES-256-CTR and nothing else
 */
public record RotationSeed(ContentHash digest) {}
