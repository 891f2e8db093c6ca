package dev.parley.server.gateway;

import dev.parley.server.audit.AuditLog;
import dev.parley.server.cluster.Federation;
import dev.parley.server.governance.Governance;
import dev.parley.server.identity.CertificateAuthority;
import dev.parley.server.identity.EnrolmentTokens;
import dev.parley.server.identity.ServerCredentials;
import dev.parley.server.identity.SiteCertificates;
import dev.parley.server.registry.Blobs;
import dev.parley.server.registry.SubmissionSpool;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The listening server: TLS 1.3, both services on one port. A client certificate is optional for TLS, because a site that enrols
 * has none yet, and compulsory for every service but Enrolment.
 */
public final class GatewayServer implements AutoCloseable {
    private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);
    private static final Duration PING_AFTER = Duration.ofSeconds(30);
    private static final Duration PING_ANSWER_LIMIT = Duration.ofSeconds(20);
    private static final Duration IDLE_CONNECTION_LIMIT = Duration.ofMinutes(10);

    private final Server server;
    private final IdleWatch watch;
    private final ExecutorService calls;

    private GatewayServer(Server server, IdleWatch watch, ExecutorService calls) {
        this.server = server;
        this.watch = watch;
        this.calls = calls;
    }

    /**
     * What the gateway serves and whom it trusts.
     *
     * @param governance decides who may enrol
     * @param clock tells whether certificates and tokens are in date
     */
    public record Parts(
            Federation federation,
            Blobs blobs,
            SubmissionSpool spool,
            CertificateAuthority authority,
            EnrolmentTokens tokens,
            Governance governance,
            AuditLog audit,
            TrafficMeter traffic,
            InstantSource clock) {}

    /**
     * Starts to listen.
     *
     * @param address port 0 picks a free one
     * @param names host names and addresses for the server's certificate
     * @throws IOException if the address cannot be bound
     */
    public static GatewayServer start(InetSocketAddress address, List<String> names, GatewayLimits limits, Parts parts)
            throws IOException {
        IdleWatch watch = new IdleWatch();
        // A thread for each call may block on a file or on the federation without holding up another site's call.
        ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
        CoordinationService coordination =
                new CoordinationService(parts.federation(), parts.blobs(), parts.spool(), parts.audit(), limits, watch);
        EnrolmentService enrolment = new EnrolmentService(
                parts.authority(),
                parts.tokens(),
                parts.governance(),
                parts.audit(),
                limits.enrolmentFailuresPerMinute(),
                parts.clock());
        Server server = NettyServerBuilder.forAddress(address)
                .sslContext(tls(parts.authority().issueServer(names)))
                .executor(calls)
                .maxInboundMessageSize(limits.maxMessageBytes())
                .maxInboundMetadataSize(limits.maxHeaderBytes())
                .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
                .handshakeTimeout(HANDSHAKE_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .permitKeepAliveTime(limits.leastKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(false)
                .keepAliveTime(PING_AFTER.toSeconds(), TimeUnit.SECONDS)
                .keepAliveTimeout(PING_ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .maxConnectionIdle(IDLE_CONNECTION_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .addStreamTracerFactory(parts.traffic())
                .addService(coordination)
                .addService(enrolment)
                // The one added last is asked first.
                .intercept(new Incidents())
                .intercept(new CallerIdentity(new SiteCertificates(parts.authority(), parts.clock())))
                .intercept(new CallerAddress())
                .build();
        try {
            server.start();
        } catch (IOException e) {
            watch.close();
            calls.close();
            throw e;
        }
        return new GatewayServer(server, watch, calls);
    }

    /** The port that is listened on. */
    public int port() {
        return server.getPort();
    }

    /** Takes no new calls, lets open ones end for as long as {@code grace}, then cuts them. */
    public void stop(Duration grace) {
        server.shutdown();
        try {
            if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
                server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        watch.close();
        calls.shutdownNow();
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
    }

    private static SslContext tls(ServerCredentials credentials) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forServer(
                        credentials.key(), credentials.chain().toArray(new X509Certificate[0]))
                .protocols("TLSv1.3")
                .clientAuth(ClientAuth.OPTIONAL)
                .trustManager(new JudgedPerCall());
        return GrpcSslContexts.configure(builder).build();
    }
}
