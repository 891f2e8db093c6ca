package dev.parley.server.console.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id (RFC 9106) in its usual text form, {@code $argon2id$v=19$m=..,t=..,p=..$salt$hash}. The cost is OWASP's: 19 MiB, two
 * passes, one lane. Few are computed at the same moment, so that a flood of logins takes neither the memory nor the processors that
 * rounds need.
 */
final class PasswordHash {
    /** Shorter ones are guessed; longer ones than this are no passwords but an attempt to keep the processor busy. */
    static final int LEAST_CHARACTERS = 12;

    static final int MOST_CHARACTERS = 200;

    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Semaphore AT_WORK = new Semaphore(2);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();

    private PasswordHash() {}

    static String of(String password) {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        return "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=1$" + ENCODER.encodeToString(salt) + "$"
                + ENCODER.encodeToString(argon2(password, salt, MEMORY_KIB, PASSES));
    }

    /** In constant time as far as the hashes go. A text that is none of ours matches nothing. */
    static boolean matches(String password, String stored) {
        String[] parts = stored.split("\\$", -1);
        if (parts.length != 6 || !parts[1].equals("argon2id") || password.length() > MOST_CHARACTERS) {
            return false;
        }
        String[] cost = parts[3].split("[=,]", -1);
        byte[] expected = Base64.getDecoder().decode(parts[5]);
        byte[] found = argon2(
                password, Base64.getDecoder().decode(parts[4]), Integer.parseInt(cost[1]), Integer.parseInt(cost[3]));
        return MessageDigest.isEqual(expected, found);
    }

    private static byte[] argon2(String password, byte[] salt, int memoryKib, int passes) {
        AT_WORK.acquireUninterruptibly();
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(memoryKib)
                    .withIterations(passes)
                    .withParallelism(1)
                    .withSalt(salt)
                    .build());
            byte[] hash = new byte[HASH_BYTES];
            generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
            return hash;
        } finally {
            AT_WORK.release();
        }
    }
}
