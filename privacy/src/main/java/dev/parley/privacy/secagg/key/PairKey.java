package dev.parley.privacy.secagg.key;

import java.nio.ByteBuffer;

/** The key of one pair of sites under one roster. It never leaves the site; seeds and sealing keys are derived from it. */
public final class PairKey {
    private final SecretSeed key;

    PairKey(SecretSeed key) {
        this.key = key;
    }

    /** The seed s_ij of the mask that one of the two adds and the other subtracts in one session. */
    public SecretSeed maskSeed(byte[] session) {
        return Derivation.expand(key, "mask", session);
    }

    /** The key under which member {@code from} seals its shares for member {@code to} in one session. */
    public SecretSeed sealingKey(byte[] session, int from, int to) {
        return Derivation.expand(
                key,
                "seal",
                session,
                ByteBuffer.allocate(2 * Integer.BYTES).putInt(from).putInt(to).array());
    }

    @Override
    public String toString() {
        return "PairKey[redacted]";
    }
}
