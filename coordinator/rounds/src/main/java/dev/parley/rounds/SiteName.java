package dev.parley.rounds;

import java.util.regex.Pattern;

/** The name under which a site is enrolled: 1 to 63 lower-case letters, digits and inner hyphens. */
public record SiteName(String value) implements Comparable<SiteName> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public SiteName {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("a site's name is 1 to 63 lower-case letters, digits and inner hyphens, "
                    + "such as ward-3, not '" + abbreviated(value) + "'");
        }
    }

    private static String abbreviated(String value) {
        return value.length() > 80 ? value.substring(0, 80) + "..." : value;
    }

    @Override
    public int compareTo(SiteName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
