package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.agent.identity.EnrolmentToken;
import dev.parley.agent.identity.IdentityFolder;
import dev.parley.agent.identity.SiteIdentity;
import dev.parley.agent.identity.SiteKey;
import dev.parley.agent.identity.TestAuthority;
import dev.parley.contract.v1.EnrolRequest;
import dev.parley.contract.v1.EnrolResponse;
import dev.parley.contract.v1.EnrolmentGrpc;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.StreamObserver;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECFieldFp;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Enrolment over real TLS, and whom the agent trusts. */
class EnrolmentCallTest {
    @TempDir
    Path folder;

    private final List<EnrolRequest> received = new CopyOnWriteArrayList<>();
    private Server server;

    private CoordinatorAddress serve(TestAuthority authority, TestAuthority.Server credentials, Status refusal)
            throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.configure(SslContextBuilder.forServer(
                                        credentials.key(), credentials.certificate(), authority.certificate())
                                .protocols("TLSv1.3"))
                        .build())
                .addService(new EnrolmentGrpc.EnrolmentImplBase() {
                    @Override
                    public void enrol(EnrolRequest request, StreamObserver<EnrolResponse> out) {
                        received.add(request);
                        if (!refusal.isOk()) {
                            out.onError(refusal.asException());
                            return;
                        }
                        try {
                            out.onNext(EnrolResponse.newBuilder()
                                    .setCertificate(ByteString.copyFrom(authority
                                            .issue(request.getCertificateRequest()
                                                    .toByteArray())
                                            .getEncoded()))
                                    .setAuthority(ByteString.copyFrom(
                                            authority.certificate().getEncoded()))
                                    .build());
                            out.onCompleted();
                        } catch (Exception e) {
                            out.onError(e);
                        }
                    }
                })
                .build()
                .start();
        return new CoordinatorAddress("localhost", server.getPort());
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.shutdownNow();
        }
    }

    private static CallFailure failure(CoordinatorAddress address, EnrolmentToken token) {
        return assertInstanceOf(
                        EnrolmentCall.Outcome.Failed.class,
                        EnrolmentCall.ask(address, token, "north", SiteKey.generate()))
                .failure();
    }

    @Test
    void tradesATokenForACertificateAndNeverSendsTheKey() throws Exception {
        TestAuthority authority = new TestAuthority();
        CoordinatorAddress address = serve(authority, authority.server("localhost", Duration.ofHours(1)), Status.OK);
        SiteKey key = SiteKey.generate();

        EnrolmentCall.Outcome.Issued issued = assertInstanceOf(
                EnrolmentCall.Outcome.Issued.class, EnrolmentCall.ask(address, authority.token(), "north", key));

        new IdentityFolder(folder).keep(key, issued.certificate(), issued.authority(), authority.fingerprint());
        SiteIdentity identity = new IdentityFolder(folder).read();
        EnrolRequest sent = received.getFirst();
        assertEquals("north", sent.getSite());
        ECPrivateKey secret = (ECPrivateKey) identity.secretKey();
        String wire = new BigInteger(1, sent.toByteArray()).toString(16);
        assertFalse(wire.contains(secret.getS().toString(16)), "the private scalar was sent");
        assertFalse(
                new String(sent.toByteArray(), StandardCharsets.ISO_8859_1).contains("PRIVATE"),
                "something in PEM with a private key was sent");
        // The test can fail: the public half, encoded the same way, is found.
        java.security.interfaces.ECPublicKey open =
                (java.security.interfaces.ECPublicKey) identity.certificate().getPublicKey();
        assertTrue(wire.contains(open.getW().getAffineX().toString(16)));
        assertEquals(256, ((ECFieldFp) secret.getParams().getCurve().getField()).getFieldSize());
    }

    @Test
    void sendsNothingToAServerOfAnotherAuthority() throws Exception {
        TestAuthority authority = new TestAuthority();
        CoordinatorAddress address = serve(authority, authority.server("localhost", Duration.ofHours(1)), Status.OK);

        CallFailure failure = failure(address, new TestAuthority().token());

        assertInstanceOf(CallFailure.Untrusted.class, failure, failure.reason());
        assertTrue(received.isEmpty());
    }

    @Test
    void sendsNothingToAServerOfAnotherName() throws Exception {
        TestAuthority authority = new TestAuthority();
        CoordinatorAddress address =
                serve(authority, authority.server("elsewhere.example.org", Duration.ofHours(1)), Status.OK);

        CallFailure failure = failure(address, authority.token());

        assertInstanceOf(CallFailure.Untrusted.class, failure, failure.reason());
        assertTrue(received.isEmpty());
    }

    @Test
    void sendsNothingToAServerWhoseCertificateHasExpired() throws Exception {
        TestAuthority authority = new TestAuthority();
        CoordinatorAddress address = serve(authority, authority.server("localhost", Duration.ofSeconds(1)), Status.OK);

        CallFailure failure = failure(address, authority.token());

        assertInstanceOf(CallFailure.Untrusted.class, failure, failure.reason());
        assertTrue(received.isEmpty());
    }

    @Test
    void doesNotTrustAForgedLeafBesideTheRightAuthority() throws Exception {
        TestAuthority authority = new TestAuthority();
        // The chain holds the pinned authority's certificate, but the leaf is signed by another.
        TestAuthority.Server forged = new TestAuthority().server("localhost", Duration.ofHours(1));
        CoordinatorAddress address = serve(authority, forged, Status.OK);

        CallFailure failure = failure(address, authority.token());

        assertInstanceOf(CallFailure.Untrusted.class, failure, failure.reason());
        assertTrue(received.isEmpty());
    }

    @Test
    void repeatsWhatTheCoordinatorSaysToAWrongToken() throws Exception {
        TestAuthority authority = new TestAuthority();
        CoordinatorAddress address = serve(
                authority,
                authority.server("localhost", Duration.ofHours(1)),
                Status.PERMISSION_DENIED.withDescription("this is not the open token of that site"));

        CallFailure failure = failure(address, authority.token());

        assertEquals(
                "this is not the open token of that site",
                assertInstanceOf(CallFailure.Refused.class, failure).reason());
    }

    @Test
    void aClosedPortIsAPassingFailure() throws Exception {
        TestAuthority authority = new TestAuthority();
        CoordinatorAddress address = serve(authority, authority.server("localhost", Duration.ofHours(1)), Status.OK);
        server.shutdownNow();
        server.awaitTermination();

        CallFailure failure = failure(address, authority.token());

        assertInstanceOf(CallFailure.Passing.class, failure, failure.reason());
    }
}
