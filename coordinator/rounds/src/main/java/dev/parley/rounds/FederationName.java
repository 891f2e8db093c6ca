package dev.parley.rounds;

import java.util.regex.Pattern;

/** The name of one federation: 1 to 63 lower-case letters, digits and inner hyphens. */
public record FederationName(String value) {
    private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public FederationName {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("a federation's name is 1 to 63 lower-case letters, digits and inner "
                    + "hyphens, such as sepsis-2026, not '"
                    + (value.length() > 80 ? value.substring(0, 80) + "..." : value) + "'");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
