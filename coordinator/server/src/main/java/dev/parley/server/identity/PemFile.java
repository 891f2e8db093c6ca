package dev.parley.server.identity;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One PEM block. */
record PemFile(String label, byte[] der) {
    private static final Pattern FORM =
            Pattern.compile("\\s*-----BEGIN ([A-Z ]+)-----\\s+([A-Za-z0-9+/=\\s]+)-----END \\1-----\\s*");

    static PemFile parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not one PEM block");
        }
        return new PemFile(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2)));
    }

    String text() {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    @Override
    public String toString() {
        return "PemFile[" + label + ", redacted]";
    }
}
