package dev.parley.server.configuration;

/** A host name or an IP address as configuration gives it. */
final class HostName {
    private HostName() {}

    /** {@code value}, if it is one. */
    static String checked(String value) {
        if (!value.matches("[A-Za-z0-9.:-]{1,253}")) {
            throw new IllegalArgumentException("expected a host name or an IP address");
        }
        return value;
    }
}
