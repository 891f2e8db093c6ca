package dev.parley.privacy.secagg.key;

import java.util.Arrays;

/**
 * What two sites share for as long as both keep their epoch keys: HKDF over the X25519 and the ML-KEM-768 secret, bound
 * to the encapsulation. It stays secret if either of the two problems stays hard.
 */
public final class PairSecret {
    private final SecretSeed secret;

    private PairSecret(SecretSeed secret) {
        this.secret = secret;
    }

    static PairSecret of(byte[] x25519, byte[] mlKem, byte[] encapsulation) {
        byte[] both = Arrays.copyOf(x25519, x25519.length + mlKem.length);
        System.arraycopy(mlKem, 0, both, x25519.length, mlKem.length);
        Arrays.fill(mlKem, (byte) 0);
        try {
            return new PairSecret(Derivation.extract(both, "pair-secret", encapsulation));
        } finally {
            Arrays.fill(both, (byte) 0);
        }
    }

    /**
     * The key K_ij of this pair under one roster.
     *
     * @param rosterHash 32 bytes that bind every member's keys
     */
    public PairKey under(byte[] rosterHash) {
        return new PairKey(Derivation.expand(secret, "pair-key", rosterHash));
    }

    @Override
    public String toString() {
        return "PairSecret[redacted]";
    }
}
