package dev.parley.server.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.rounds.SiteName;
import dev.parley.server.audit.AuditLog;
import dev.parley.server.cluster.Federation;
import dev.parley.server.governance.Governance;
import dev.parley.server.identity.CertificateAuthority;
import dev.parley.server.identity.CertificateLifetimes;
import dev.parley.server.identity.CertificateRequest;
import dev.parley.server.identity.EnrolmentTokens;
import dev.parley.server.identity.SiteKeys;
import dev.parley.server.registry.BlobFolder;
import dev.parley.server.registry.Blobs;
import dev.parley.server.registry.SubmissionSpool;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** A gateway that listens on loopback with real certificates, in front of any federation. */
final class GatewayFixture implements AutoCloseable {
    static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    static final CertificateLifetimes LIFETIMES = new CertificateLifetimes(Duration.ofDays(30), Duration.ofDays(60));

    final Path folder;
    final CertificateAuthority authority;
    final EnrolmentTokens tokens;
    final Blobs blobs;
    final SubmissionSpool spool;
    final AuditLog audit;
    final TrafficMeter traffic = new TrafficMeter();
    final GatewayServer server;
    private final List<ScriptedAgent> agents = new ArrayList<>();

    /** What the coordinator takes for the time; TLS itself looks at no client certificate's dates. */
    volatile Instant now = Instant.now();

    GatewayFixture(Path folder, Federation federation, GatewayLimits limits) throws IOException {
        this.folder = folder;
        this.authority =
                CertificateAuthority.open(Files.createDirectories(folder.resolve("authority")), LIFETIMES, () -> now);
        this.tokens = new EnrolmentTokens(folder.resolve("tokens"), () -> now);
        this.blobs = new BlobFolder(folder.resolve("blobs"));
        this.spool = new SubmissionSpool(folder.resolve("spool"));
        this.audit = AuditLog.open(folder.resolve("audit"), folder.resolve("audit-key"), "parley/test", () -> now);
        this.server = GatewayServer.start(
                new InetSocketAddress("127.0.0.1", 0),
                List.of("localhost", "127.0.0.1"),
                limits,
                new GatewayServer.Parts(
                        federation, blobs, spool, authority, tokens, Governance.none(), audit, traffic, () -> now));
    }

    /** An agent of an enrolled site. */
    ScriptedAgent agent(String site) {
        SiteKeys keys = SiteKeys.fresh();
        return agent(keys, certificate(site, keys));
    }

    ScriptedAgent agent(SiteKeys keys, X509Certificate certificate) {
        ScriptedAgent agent = ScriptedAgent.connect(server.port(), authority.certificate(), keys, certificate);
        agents.add(agent);
        return agent;
    }

    ScriptedAgent stranger() {
        return agent(SiteKeys.fresh(), null);
    }

    X509Certificate certificate(String site, SiteKeys keys) {
        return certificate(authority, site, keys);
    }

    static X509Certificate certificate(CertificateAuthority by, String site, SiteKeys keys) {
        try {
            return by.issueSite(new SiteName(site), CertificateRequest.parse(keys.request()));
        } catch (IOException | CertificateRequest.RefusedException e) {
            throw new AssertionError(e);
        }
    }

    /** Expects a refusal that says {@code words} and shows nothing of the coordinator's inside. */
    static void assertRefused(Status.Code code, String words, Executable call) {
        assertRefused(
                code, words, assertThrows(StatusRuntimeException.class, call).getStatus());
    }

    static void assertRefused(Status.Code code, String words, Status status) {
        String description = String.valueOf(status.getDescription());
        assertEquals(code, status.getCode(), description);
        assertTrue(description.contains(words), description);
        assertFalse(description.contains("dev.parley") || description.contains("Exception"), description);
    }

    @Override
    public void close() throws InterruptedException {
        for (ScriptedAgent agent : agents) {
            agent.close();
        }
        server.close();
    }
}
