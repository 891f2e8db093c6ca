package dev.parley.server.console.account;

import dev.parley.privacy.update.ContentHash;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * 256 random bits as text: a session, a key, a one-time link. As nobody can guess them, a plain SHA-256 is all that must be
 * stored to know one again.
 */
final class RandomWord {
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private RandomWord() {}

    static String next() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static byte[] hash(String word) {
        return ContentHash.of(word.getBytes(StandardCharsets.UTF_8)).bytes();
    }
}
