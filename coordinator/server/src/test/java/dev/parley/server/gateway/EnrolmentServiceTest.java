package dev.parley.server.gateway;

import static dev.parley.server.gateway.GatewayFixture.assertRefused;
import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.PERMISSION_DENIED;
import static io.grpc.Status.Code.RESOURCE_EXHAUSTED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parley.contract.v1.EnrolResponse;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SiteName;
import dev.parley.server.identity.SiteKeys;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrolmentServiceTest {
    @TempDir
    Path folder;

    private GatewayFixture gateway;
    private ScriptedAgent stranger;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(folder, new RecordingFederation(), GatewayLimits.defaults());
        stranger = gateway.stranger();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private String token(String site) throws Exception {
        return gateway.tokens.create(new SiteName(site), Duration.ofHours(1), gateway.authority.fingerprint());
    }

    @Test
    void givesACertificateThatOpensTheOtherServiceWithTheSitesOwnKey() throws Exception {
        SiteKeys keys = SiteKeys.fresh();

        EnrolResponse response = stranger.enrol("north", token("north"), keys.request());

        X509Certificate issued = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(response.getCertificate().toByteArray()));
        assertArrayEquals(
                keys.pair().getPublic().getEncoded(), issued.getPublicKey().getEncoded());
        assertEquals("CN=north", issued.getSubjectX500Principal().getName());
        assertEquals(
                gateway.authority.fingerprint(),
                ContentHash.of(response.getAuthority().toByteArray()));
        ScriptedAgent north = gateway.agent(keys, issued);
        // The caller is let in: it is told about the blob, not about its certificate.
        assertRefused(NOT_FOUND, "no blob", () -> north.fetch(ContentHash.of(new byte[0]), 0));
    }

    @Test
    void takesATokenOnce() throws Exception {
        String token = token("north");
        stranger.enrol("north", token, SiteKeys.fresh().request());

        assertRefused(
                FAILED_PRECONDITION,
                "works once",
                () -> stranger.enrol("north", token, SiteKeys.fresh().request()));
    }

    @Test
    void refusesAWrongTokenAndATokenOfAnotherSiteAlike() throws Exception {
        String north = token("north");
        token("south");
        byte[] request = SiteKeys.fresh().request();

        assertRefused(PERMISSION_DENIED, "not the open token", () -> stranger.enrol("south", north, request));
        assertRefused(PERMISSION_DENIED, "not the open token", () -> stranger.enrol("south", "guess", request));
        assertRefused(PERMISSION_DENIED, "not the open token", () -> stranger.enrol("nowhere", north, request));
        assertRefused(INVALID_ARGUMENT, "a site's name is", () -> stranger.enrol("../south", north, request));
    }

    @Test
    void refusesAnExpiredToken() throws Exception {
        String token = token("north");
        gateway.now = gateway.now.plus(Duration.ofHours(2));

        assertRefused(
                FAILED_PRECONDITION,
                "expired",
                () -> stranger.enrol("north", token, SiteKeys.fresh().request()));
    }

    @Test
    void aBadRequestDoesNotCostTheToken() throws Exception {
        String token = token("north");

        assertRefused(
                INVALID_ARGUMENT,
                "another curve",
                () -> stranger.enrol(
                        "north", token, SiteKeys.onCurve("secp384r1").request()));
        assertRefused(
                INVALID_ARGUMENT,
                "must hold the private key",
                () -> stranger.enrol(
                        "north", token, SiteKeys.fresh().requestSignedBy(SiteKeys.fresh(), "SHA256withECDSA")));
        assertRefused(
                INVALID_ARGUMENT, "not a PKCS#10 request", () -> stranger.enrol("north", token, new byte[] {1, 2}));
        stranger.enrol("north", token, SiteKeys.fresh().request());
    }

    @Test
    void makesAnAddressWaitAfterTooManyFailures() throws Exception {
        String token = token("north");
        byte[] request = SiteKeys.fresh().request();
        for (int i = 0; i < GatewayLimits.defaults().enrolmentFailuresPerMinute(); i++) {
            assertRefused(PERMISSION_DENIED, "not the open token", () -> stranger.enrol("north", "guess", request));
        }

        assertRefused(RESOURCE_EXHAUSTED, "wait a minute", () -> stranger.enrol("north", token, request));

        gateway.now = gateway.now.plus(Duration.ofSeconds(61));
        stranger.enrol("north", token, request);
    }
}
