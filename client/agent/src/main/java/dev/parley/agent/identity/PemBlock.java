package dev.parley.agent.identity;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One PEM block: a label and bytes, as text that people and tools can carry. */
record PemBlock(String label, byte[] der) {
    private static final Pattern FORM =
            Pattern.compile("\\s*-----BEGIN ([A-Z ]+)-----\\s+([A-Za-z0-9+/=\\s]+)-----END \\1-----\\s*");
    private static final int LINE_CHARACTERS = 64;

    static PemBlock parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not one PEM block");
        }
        return new PemBlock(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2)));
    }

    String text() {
        String body = Base64.getMimeEncoder(LINE_CHARACTERS, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    @Override
    public String toString() {
        return "PemBlock[" + label + ", redacted]";
    }
}
