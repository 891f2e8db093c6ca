package dev.parley.privacy.transparency;

import java.util.Base64;
import java.util.Optional;

/** Base64 in its one standard form, padding and all: two texts never stand for the same bytes. */
public final class Base64Text {
    private Base64Text() {}

    public static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The bytes; empty if the text is not exactly how {@link #encode} writes some. */
    public static Optional<byte[]> decode(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return encode(bytes).equals(text) ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
