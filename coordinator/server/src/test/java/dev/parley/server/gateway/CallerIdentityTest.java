package dev.parley.server.gateway;

import static dev.parley.server.gateway.GatewayFixture.assertRefused;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.UNAUTHENTICATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SiteName;
import dev.parley.server.identity.CertificateAuthority;
import dev.parley.server.identity.SiteKeys;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallerIdentityTest {
    private static final ContentHash NOTHING = ContentHash.of(new byte[0]);

    @TempDir
    Path folder;

    private GatewayFixture gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(folder, new RecordingFederation(), GatewayLimits.defaults());
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void letsAnEnrolledSiteIn() {
        assertRefused(NOT_FOUND, "no blob", () -> gateway.agent("north").fetch(NOTHING, 0));
    }

    @Test
    void refusesEveryCallWithoutACertificate() {
        ScriptedAgent stranger = gateway.stranger();

        assertRefused(UNAUTHENTICATED, "enrol with a one-time token", () -> stranger.fetch(NOTHING, 0));
        assertRefused(
                UNAUTHENTICATED,
                "enrol with a one-time token",
                () -> stranger.submissionStatus("hospital/0/0/north", NOTHING));
        assertRefused(
                UNAUTHENTICATED,
                "enrol with a one-time token",
                () -> stranger.upload().await());
        assertRefused(
                UNAUTHENTICATED,
                "enrol with a one-time token",
                stranger.attend(2, RecordingFederation.NAME, ByteString.EMPTY, message -> {})
                        .awaitEnd());
    }

    @Test
    void refusesACertificateOfAnotherAuthority() throws Exception {
        CertificateAuthority theirs = CertificateAuthority.open(
                Files.createDirectories(folder.resolve("theirs")), GatewayFixture.LIFETIMES, () -> gateway.now);
        SiteKeys keys = SiteKeys.fresh();
        ScriptedAgent agent = gateway.agent(keys, GatewayFixture.certificate(theirs, "north", keys));

        assertRefused(UNAUTHENTICATED, "not issued by this coordinator's authority", () -> agent.fetch(NOTHING, 0));
    }

    @Test
    void refusesAnExpiredCertificateAlsoOnAConnectionThatIsOpen() {
        ScriptedAgent agent = gateway.agent("north");
        assertRefused(NOT_FOUND, "no blob", () -> agent.fetch(NOTHING, 0));

        gateway.now = gateway.now.plus(Duration.ofDays(31));

        assertRefused(UNAUTHENTICATED, "expired at", () -> agent.fetch(NOTHING, 0));
    }

    @Test
    void refusesARevokedSite() throws Exception {
        ScriptedAgent agent = gateway.agent("north");
        gateway.authority.register().revoke(new SiteName("north"));

        assertRefused(UNAUTHENTICATED, "was revoked", () -> agent.fetch(NOTHING, 0));
    }

    @Test
    void refusesAStolenCertificateWithoutItsKey() {
        X509Certificate stolen = gateway.certificate("north", SiteKeys.fresh());
        // The client library itself refuses such a pair, or TLS fails when the signature does not verify.
        assertThrows(
                Throwable.class, () -> gateway.agent(SiteKeys.fresh(), stolen).fetch(NOTHING, 0));
    }

    @Test
    void theAgentRefusesAServerOfAnotherAuthority() throws Exception {
        CertificateAuthority theirs = CertificateAuthority.open(
                Files.createDirectories(folder.resolve("theirs")), GatewayFixture.LIFETIMES, () -> gateway.now);
        SiteKeys keys = SiteKeys.fresh();
        try (ScriptedAgent agent = ScriptedAgent.connect(
                gateway.server.port(), theirs.certificate(), keys, gateway.certificate("north", keys))) {
            Status status = assertThrows(StatusRuntimeException.class, () -> agent.fetch(NOTHING, 0))
                    .getStatus();
            assertEquals(Status.Code.UNAVAILABLE, status.getCode());
        }
    }
}
