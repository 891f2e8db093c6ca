package dev.parley.privacy.update;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The SHA-256 address of a piece of content, as 64 lower-case hexadecimal digits. Models, plans and policies are named
 * by it, so that a name cannot point to two contents.
 */
public record ContentHash(String hex) implements Comparable<ContentHash> {
    /** Length of a digest in bytes. */
    public static final int SIZE_BYTES = 32;

    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    public ContentHash {
        if (!FORM.matcher(hex).matches()) {
            throw new IllegalArgumentException("a content hash is 64 lower-case hexadecimal digits, not '"
                    + (hex.length() > 80 ? hex.substring(0, 80) + "..." : hex) + "'");
        }
    }

    /** The hash of {@code bytes}. */
    public static ContentHash of(byte[] bytes) {
        return ofDigest(newDigest().digest(bytes));
    }

    /** Wraps a finished SHA-256 digest of exactly {@value #SIZE_BYTES} bytes. */
    public static ContentHash ofDigest(byte[] digest) {
        if (digest.length != SIZE_BYTES) {
            throw new IllegalArgumentException("a SHA-256 digest has 32 bytes, not " + digest.length);
        }
        return new ContentHash(HexFormat.of().formatHex(digest));
    }

    /** A fresh SHA-256, for content that is hashed while it streams. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    /** The first 12 digits: enough for people, never for a comparison. */
    public String abbreviated() {
        return hex.substring(0, 12);
    }

    @Override
    public int compareTo(ContentHash other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
