package dev.parley.agent.identity;

import dev.parley.privacy.update.ContentHash;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A one-time token, {@code parley1.<secret>.<SHA-256 of the authority's certificate>}. Opaque: only {@link #secretText}
 * gives it out.
 */
public final class EnrolmentToken {
    private static final int MAX_CHARACTERS = 200;
    private static final Pattern FORM = Pattern.compile("parley1\\.[A-Za-z0-9_-]{16,100}\\.([0-9a-f]{64})");

    private final String text;
    private final ContentHash authority;

    private EnrolmentToken(String text, ContentHash authority) {
        this.text = text;
        this.authority = authority;
    }

    /** @throws IllegalArgumentException if it has another form; the message does not repeat the token */
    public static EnrolmentToken parse(String text) {
        String stripped = text.strip();
        Matcher matcher = FORM.matcher(stripped);
        if (stripped.length() > MAX_CHARACTERS || !matcher.matches()) {
            throw new IllegalArgumentException(
                    "the token is not of the form parley1.SECRET.FINGERPRINT; copy the whole line that 'parley coordinator"
                            + " token create SITE' printed");
        }
        return new EnrolmentToken(stripped, new ContentHash(matcher.group(1)));
    }

    /** The authority that the token's maker vouches for. */
    public ContentHash authority() {
        return authority;
    }

    /** The whole token, for the one message that spends it. */
    public String secretText() {
        return text;
    }

    @Override
    public String toString() {
        return "EnrolmentToken[redacted]";
    }
}
