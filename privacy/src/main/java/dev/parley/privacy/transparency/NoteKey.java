package dev.parley.privacy.transparency;

import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A public key that verifies signed notes (C2SP signed-note), written as {@code name+id+key}: the name, eight
 * hexadecimal digits of the key's id, and base64 of the algorithm's byte and the key. Public keys are public:
 * comparing them takes no care.
 */
public final class NoteKey {
    /** Bytes of an Ed25519 public key. */
    public static final int KEY_BYTES = 32;

    /** What DER writes before the bytes of an Ed25519 public key. */
    private static final byte[] DER_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int SIGNATURE_BYTES = 64;

    private final String name;
    private final Algorithm algorithm;
    private final byte[] key;
    private final int id;

    /** What a signature by the key covers. */
    public enum Algorithm {
        /** Ed25519 over the note's text: what a log signs with. */
        ED25519(1),
        /** Ed25519 over the time and the note's text: what a witness signs with (C2SP tlog-cosignature). */
        COSIGNATURE_V1(4);

        private final byte code;

        Algorithm(int code) {
            this.code = (byte) code;
        }
    }

    /** @throws IllegalArgumentException if the name cannot be written in a note or the key has not 32 bytes */
    public NoteKey(String name, Algorithm algorithm, byte[] key) {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "a key's name has no spaces and no '+', and is not empty; got '" + name + "'");
        }
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("an Ed25519 key has " + KEY_BYTES + " bytes, got " + key.length);
        }
        this.name = name;
        this.algorithm = algorithm;
        this.key = key.clone();
        MessageDigest digest = ContentHash.newDigest();
        digest.update((name + "\n").getBytes(StandardCharsets.UTF_8));
        digest.update(algorithm.code);
        this.id = ByteBuffer.wrap(digest.digest(key)).getInt();
    }

    static boolean isName(String name) {
        return !name.isEmpty()
                && name.indexOf('+') < 0
                && name.codePoints()
                        .noneMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0xFFFD);
    }

    /**
     * Reads {@code name+id+key}.
     *
     * @throws IllegalArgumentException if it is not that, or the id is another key's
     */
    public static NoteKey parse(String written) {
        String[] parts = written.strip().split("\\+", 3);
        if (parts.length != 3) {
            throw malformed(written, "it has no two '+'");
        }
        byte[] typed = Base64Text.decode(parts[2])
                .orElseThrow(() -> malformed(written, "the part behind the second '+' is not base64"));
        if (typed.length != KEY_BYTES + 1) {
            throw malformed(written, "an algorithm and an Ed25519 key are 33 bytes, got " + typed.length);
        }
        for (Algorithm algorithm : Algorithm.values()) {
            if (algorithm.code == typed[0]) {
                NoteKey key = new NoteKey(parts[0], algorithm, Arrays.copyOfRange(typed, 1, typed.length));
                if (!key.idDigits().equals(parts[1])) {
                    throw malformed(written, "its id is " + key.idDigits() + "; was it cut or changed?");
                }
                return key;
            }
        }
        throw malformed(written, "algorithm " + typed[0] + " is not known; 1 is a log's, 4 a witness's");
    }

    private static IllegalArgumentException malformed(String written, String why) {
        String shown = written.length() > 80 ? written.substring(0, 80) + "..." : written;
        return new IllegalArgumentException("'" + shown + "' is not a key of the form name+id+base64: " + why);
    }

    public String name() {
        return name;
    }

    public Algorithm algorithm() {
        return algorithm;
    }

    /**
     * The first four bytes of SHA-256 over name, newline, algorithm and key: says which key to try, and proves nothing.
     */
    public int id() {
        return id;
    }

    public byte[] bytes() {
        return key.clone();
    }

    private String idDigits() {
        return HexFormat.of().toHexDigits(id);
    }

    /** Whether the signature says that it is of this key; {@link #verifies} tells whether that is true. */
    public boolean isNamedBy(NoteSignature signature) {
        return signature.keyId() == id && signature.name().equals(name);
    }

    /** Whether this key has signed the note with this text. */
    public boolean verifies(String text, NoteSignature signature) {
        if (!isNamedBy(signature)) {
            return false;
        }
        byte[] bytes = signature.bytes();
        return switch (algorithm) {
            case ED25519 -> verifies(text.getBytes(StandardCharsets.UTF_8), bytes);
            case COSIGNATURE_V1 ->
                cosignedAt(signature)
                        .map(at -> verifies(cosigned(text, at), Arrays.copyOfRange(bytes, Long.BYTES, bytes.length)))
                        .orElse(false);
        };
    }

    /** When a cosignature says that it was made; empty if it is not of a cosignature's form. */
    public Optional<Instant> cosignedAt(NoteSignature signature) {
        byte[] bytes = signature.bytes();
        if (algorithm != Algorithm.COSIGNATURE_V1 || bytes.length != Long.BYTES + SIGNATURE_BYTES) {
            return Optional.empty();
        }
        long seconds = ByteBuffer.wrap(bytes).getLong();
        return seconds < 0 || seconds > Instant.MAX.getEpochSecond()
                ? Optional.empty()
                : Optional.of(Instant.ofEpochSecond(seconds));
    }

    /** What a witness signs. */
    static byte[] cosigned(String text, Instant at) {
        return ("cosignature/v1\ntime " + at.getEpochSecond() + "\n" + text).getBytes(StandardCharsets.UTF_8);
    }

    /** Whether the bytes are an Ed25519 signature of this key over the message. */
    public boolean verifies(byte[] message, byte[] signature) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            byte[] der = Arrays.copyOf(DER_PREFIX, DER_PREFIX.length + KEY_BYTES);
            System.arraycopy(key, 0, der, DER_PREFIX.length, KEY_BYTES);
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der)));
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // not a point of the curve, or not of a signature's form
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NoteKey that
                && name.equals(that.name)
                && algorithm == that.algorithm
                && Arrays.equals(key, that.key);
    }

    @Override
    public int hashCode() {
        return id;
    }

    /** {@code name+id+key}, which {@link #parse} reads. */
    @Override
    public String toString() {
        byte[] typed = new byte[KEY_BYTES + 1];
        typed[0] = algorithm.code;
        System.arraycopy(key, 0, typed, 1, KEY_BYTES);
        return name + "+" + idDigits() + "+" + Base64Text.encode(typed);
    }
}
