package dev.parley.server.configuration;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where people reach the console.
 *
 * @param host address to bind
 * @param port 0 picks a free one
 * @param names host names and addresses by which browsers and scripts reach it; a request for any other is refused
 * @param tls false for plain HTTP, which is for loopback only
 * @param idle a session ends so long after its last use
 * @param absolute a session ends so long after its begin
 */
public record ConsoleConfiguration(
        String host, int port, List<String> names, boolean tls, Duration idle, Duration absolute) {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

    public ConsoleConfiguration {
        names = List.copyOf(names);
    }

    static ConsoleConfiguration read(YamlSection section) throws ConfigurationException {
        Map<String, Boolean> tls = new LinkedHashMap<>();
        tls.put("authority", true);
        tls.put("none", false);
        ConsoleConfiguration console = new ConsoleConfiguration(
                section.text("host", "127.0.0.1", HostName::checked),
                (int) section.integer("port", 8443L, 0, 65_535),
                section.list("names", List.of("localhost", "127.0.0.1"), 32, HostName::checked),
                section.choice("tls", true, tls),
                section.duration("session-idle", Duration.ofMinutes(30), Duration.ofMinutes(1), Duration.ofHours(24)),
                section.duration("session-absolute", Duration.ofHours(12), Duration.ofMinutes(1), Duration.ofDays(7)));
        if (console.names().isEmpty()) {
            throw section.about("names", "at least one name or address by which browsers reach the console");
        }
        if (!console.tls() && !LOOPBACK.contains(console.host())) {
            throw section.about(
                    "tls",
                    "none sends passwords in the clear and is for loopback only, but host is " + console.host()
                            + "; use tls: authority, or host: 127.0.0.1");
        }
        section.refuseUnknownKeys();
        return console;
    }
}
