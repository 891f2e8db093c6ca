package dev.parley.agent.participation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a coordinator listens: a host name or IP address, and a port. */
public record CoordinatorAddress(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]{1,253}):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    /** @throws IllegalArgumentException if it is not {@code host:port} */
    public static CoordinatorAddress parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (matcher.matches()) {
            int port = Integer.parseInt(matcher.group(2));
            if (port >= 1 && port <= MAX_PORT) {
                return new CoordinatorAddress(matcher.group(1), port);
            }
        }
        throw new IllegalArgumentException("expected HOST:PORT such as parley.example.org:7443");
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
