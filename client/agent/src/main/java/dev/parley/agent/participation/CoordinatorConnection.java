package dev.parley.agent.participation;

import dev.parley.agent.identity.PinnedAuthority;
import dev.parley.agent.identity.SiteIdentity;
import dev.parley.privacy.update.ContentHash;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** A TLS 1.3 connection to a coordinator whose authority is pinned; the agent dials, nobody dials the agent. */
public final class CoordinatorConnection implements AutoCloseable {
    /** A chunk holds 256 KiB, a plan at most 1 MiB; more is refused before it is read. */
    private static final int MAX_MESSAGE_BYTES = 2 << 20;
    /** Coordinators let clients ping this often; it finds a dead connection within a minute. */
    private static final Duration PING_AFTER = Duration.ofSeconds(30);

    private static final Duration PING_ANSWER_LIMIT = Duration.ofSeconds(20);

    private final ManagedChannel channel;

    private CoordinatorConnection(ManagedChannel channel) {
        this.channel = channel;
    }

    /** As a stranger with a token: no certificate to show yet. */
    static CoordinatorConnection forEnrolment(CoordinatorAddress address, ContentHash authority) {
        return open(address, GrpcSslContexts.forClient().trustManager(new PinnedAuthority(authority)));
    }

    /** As an enrolled site. */
    public static CoordinatorConnection enrolled(CoordinatorAddress address, SiteIdentity identity) {
        return open(
                address,
                GrpcSslContexts.forClient()
                        .trustManager(new PinnedAuthority(identity.authorityFingerprint()))
                        .keyManager(identity.secretKey(), identity.certificate()));
    }

    /** Over a channel that a test has made. */
    static CoordinatorConnection over(ManagedChannel channel) {
        return new CoordinatorConnection(channel);
    }

    private static CoordinatorConnection open(CoordinatorAddress address, SslContextBuilder tls) {
        try {
            return new CoordinatorConnection(NettyChannelBuilder.forAddress(address.host(), address.port())
                    .sslContext(tls.protocols("TLSv1.3").build())
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .keepAliveTime(PING_AFTER.toSeconds(), TimeUnit.SECONDS)
                    .keepAliveTimeout(PING_ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .build());
        } catch (SSLException e) {
            throw new IllegalStateException("the platform cannot set up TLS 1.3", e);
        }
    }

    ManagedChannel channel() {
        return channel;
    }

    /** Dials at once at the next call, whatever gRPC's own waits are; the agent has waited already. */
    void dialAfresh() {
        channel.resetConnectBackoff();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
