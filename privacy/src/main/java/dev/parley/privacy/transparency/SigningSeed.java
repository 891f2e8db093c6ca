package dev.parley.privacy.transparency;

import dev.parley.privacy.secagg.key.SecretAccess;
import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** The secret half of an Ed25519 key (RFC 8032). Does not say what it is. */
public final class SigningSeed {
    private final byte[] seed;

    private SigningSeed(byte[] seed) {
        this.seed = seed;
    }

    public static SigningSeed generate(SecureRandom random) {
        byte[] seed = new byte[Ed25519.SECRET_KEY_SIZE];
        Ed25519.generatePrivateKey(random, seed);
        return new SigningSeed(seed);
    }

    /** @throws IllegalArgumentException if it does not have 32 bytes */
    public static SigningSeed read(byte[] exported, SecretAccess access) {
        if (exported.length != Ed25519.SECRET_KEY_SIZE) {
            throw new IllegalArgumentException(
                    "an Ed25519 seed has " + Ed25519.SECRET_KEY_SIZE + " bytes, got " + exported.length);
        }
        return new SigningSeed(exported.clone());
    }

    /** The seed, to be kept where only its owner can read. */
    public byte[] export(SecretAccess access) {
        return seed.clone();
    }

    public byte[] publicKey() {
        byte[] key = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(seed, 0, key, 0);
        return key;
    }

    public byte[] sign(byte[] message) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
        return signature;
    }

    @Override
    public String toString() {
        return "SigningSeed[redacted]";
    }
}
