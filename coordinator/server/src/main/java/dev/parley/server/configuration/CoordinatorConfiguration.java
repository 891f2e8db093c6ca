package dev.parley.server.configuration;

import dev.parley.rounds.SiteName;
import dev.parley.server.database.DatabaseSettings;
import dev.parley.server.gateway.GatewayLimits;
import dev.parley.server.governance.DeclaredUse;
import dev.parley.server.identity.CertificateLifetimes;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that {@code coordinator.yaml} says. Relative paths are resolved against the file's folder.
 *
 * @param data folder that holds the authority, tokens, blobs, database and status; created if missing
 * @param model safetensors file of the initial model
 * @param learning learning-configuration document; opaque here, named by its hash in every plan
 * @param policies folder of the policies in force; empty for a federation without policies
 * @param declared what policies are told about the federation beside its rules
 * @param console where people reach it; empty for a coordinator without a console
 */
public record CoordinatorConfiguration(
        Path data,
        Path model,
        Path learning,
        Optional<Path> policies,
        DeclaredUse declared,
        DatabaseSettings database,
        ListenConfiguration listen,
        CertificateLifetimes certificates,
        Duration tokenValidity,
        GatewayLimits limits,
        Optional<ConsoleConfiguration> console,
        FederationConfiguration federation) {

    /**
     * Where the coordinator listens.
     *
     * @param host address to bind
     * @param port 0 picks a free one
     * @param names host names and addresses by which agents reach it
     * @param readyFile written when it listens, removed when it stops
     */
    public record ListenConfiguration(String host, int port, List<String> names, Path readyFile) {}

    /** @throws ConfigurationException with one line that names the file, the line, the key and the rule */
    public static CoordinatorConfiguration read(Path file) throws ConfigurationException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(
                    file + ": no such file; give the coordinator's configuration with --config");
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(file + ": not a text file in UTF-8");
        } catch (IOException e) {
            throw new ConfigurationException(
                    file + ": cannot be read: " + e.getClass().getSimpleName());
        }
        Path folder = file.toAbsolutePath().getParent();
        return parse(file.toString(), text, folder == null ? Path.of("/") : folder);
    }

    /** @param base what relative paths are resolved against */
    static CoordinatorConfiguration parse(String file, String text, Path base) throws ConfigurationException {
        YamlSection root = YamlSection.parse(file, text);
        Path data = root.path("data", null, base);
        CoordinatorConfiguration configuration = new CoordinatorConfiguration(
                data,
                root.path("model", null, base),
                root.path("learning", null, base),
                root.has("policies") ? Optional.of(root.path("policies", null, base)) : Optional.empty(),
                declared(root.section("governance")),
                database(root.section("database"), base),
                listen(root.section("listen"), data, base),
                certificates(root.section("certificates")),
                root.duration("token-validity", Duration.ofHours(24), Duration.ofMinutes(1), Duration.ofDays(30)),
                limits(root.section("limits")),
                root.has("console")
                        ? Optional.of(ConsoleConfiguration.read(root.section("console")))
                        : Optional.empty(),
                FederationConfiguration.read(root.section("federation")));
        root.refuseUnknownKeys();
        return configuration;
    }

    /** One that others run if there is a {@code url}, else the embedded one. */
    private static DatabaseSettings database(YamlSection section, Path base) throws ConfigurationException {
        DatabaseSettings settings = section.has("url")
                ? new DatabaseSettings.External(
                        section.text("url", null, DatabaseSettings.External::checkedUrl),
                        section.text("user", null, DatabaseSettings.External::checkedUser),
                        section.path("password-file", null, base))
                : new DatabaseSettings.Embedded(section.path(
                        "programs", DatabaseSettings.Embedded.standard().programs(), base));
        section.refuseUnknownKeys();
        return settings;
    }

    private static ListenConfiguration listen(YamlSection section, Path data, Path base) throws ConfigurationException {
        String host = section.text("host", "127.0.0.1", HostName::checked);
        ListenConfiguration listen = new ListenConfiguration(
                host,
                (int) section.integer("port", 7443L, 0, 65_535),
                section.list("names", List.of("localhost", "127.0.0.1"), 32, HostName::checked),
                section.path("ready-file", data.resolve("ready.json"), base));
        if (listen.names().isEmpty()) {
            throw section.about("names", "at least one name or address by which agents reach the coordinator");
        }
        section.refuseUnknownKeys();
        return listen;
    }

    private static DeclaredUse declared(YamlSection section) throws ConfigurationException {
        YamlSection named = section.section("sites");
        Map<SiteName, DeclaredUse.DeclaredSite> sites = new LinkedHashMap<>();
        for (String name : named.keys()) {
            SiteName site;
            try {
                site = new SiteName(name);
            } catch (IllegalArgumentException e) {
                throw named.about(name, String.valueOf(e.getMessage()));
            }
            YamlSection each = named.section(name);
            Optional<List<String>> purposes = each.has("purposes")
                    ? Optional.of(each.list("purposes", List.of(), 100, CoordinatorConfiguration::word))
                    : Optional.empty();
            sites.put(
                    site,
                    new DeclaredUse.DeclaredSite(word(each, "organisation"), word(each, "jurisdiction"), purposes));
            each.refuseUnknownKeys();
        }
        DeclaredUse declared = new DeclaredUse(word(section, "purpose"), word(section, "jurisdiction"), sites);
        section.refuseUnknownKeys();
        return declared;
    }

    private static Optional<String> word(YamlSection section, String key) throws ConfigurationException {
        return section.has(key)
                ? Optional.of(section.text(key, null, CoordinatorConfiguration::word))
                : Optional.empty();
    }

    private static String word(String value) {
        if (value.isBlank() || value.length() > 100) {
            throw new IllegalArgumentException("expected 1 to 100 characters");
        }
        return value;
    }

    private static CertificateLifetimes certificates(YamlSection section) throws ConfigurationException {
        CertificateLifetimes lifetimes = new CertificateLifetimes(
                section.duration("site-validity", Duration.ofDays(30), Duration.ofMinutes(1), Duration.ofDays(397)),
                section.duration("server-validity", Duration.ofDays(397), Duration.ofMinutes(1), Duration.ofDays(397)));
        section.refuseUnknownKeys();
        return lifetimes;
    }

    private static GatewayLimits limits(YamlSection section) throws ConfigurationException {
        GatewayLimits standard = GatewayLimits.defaults();
        GatewayLimits limits = new GatewayLimits(
                (int) section.integer(
                        "message-bytes", (long) standard.maxMessageBytes(), 2L * GatewayLimits.CHUNK_BYTES, 16 << 20),
                (int) section.integer("header-bytes", (long) standard.maxHeaderBytes(), 1024, 1 << 20),
                (int) section.integer("calls-per-connection", (long) standard.maxCallsPerConnection(), 4, 1000),
                (int) section.integer("sites", (long) standard.maxSites(), 1, 100_000),
                section.duration("heartbeat", standard.heartbeat(), Duration.ofMillis(100), Duration.ofMinutes(5)),
                section.duration(
                        "stalled-transfer", standard.stalledTransfer(), Duration.ofMillis(100), Duration.ofHours(1)),
                section.duration(
                        "least-keepalive", standard.leastKeepAlive(), Duration.ofSeconds(1), Duration.ofHours(1)),
                (int) section.integer(
                        "enrolment-failures-per-minute", (long) standard.enrolmentFailuresPerMinute(), 1, 10_000));
        section.refuseUnknownKeys();
        return limits;
    }
}
