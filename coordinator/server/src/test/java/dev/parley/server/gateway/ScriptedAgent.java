package dev.parley.server.gateway;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.Chunk;
import dev.parley.contract.v1.CoordinationGrpc;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EnrolRequest;
import dev.parley.contract.v1.EnrolResponse;
import dev.parley.contract.v1.EnrolmentGrpc;
import dev.parley.contract.v1.FetchRequest;
import dev.parley.contract.v1.Hello;
import dev.parley.contract.v1.LogContinuation;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmissionStatusRequest;
import dev.parley.contract.v1.SubmissionStatusResponse;
import dev.parley.contract.v1.SubmitRequest;
import dev.parley.contract.v1.SubmitResponse;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.identity.SiteKeys;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.security.cert.X509Certificate;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** An agent reduced to its calls, written against the generated stubs, so that tests can also break every rule. */
public final class ScriptedAgent implements AutoCloseable {
    private static final int WAIT_SECONDS = 20;

    private final ManagedChannel channel;
    private final List<LogContinuation> shownLog = new CopyOnWriteArrayList<>();

    private ScriptedAgent(ManagedChannel channel) {
        this.channel = channel;
    }

    /** @param certificate null for an agent that shows none */
    public static ScriptedAgent connect(
            int port, X509Certificate authority, SiteKeys keys, @Nullable X509Certificate certificate) {
        try {
            SslContextBuilder tls = GrpcSslContexts.forClient().trustManager(authority);
            if (certificate != null) {
                tls.keyManager(keys.pair().getPrivate(), certificate);
            }
            return new ScriptedAgent(NettyChannelBuilder.forAddress("localhost", port)
                    .sslContext(tls.build())
                    .maxInboundMessageSize(1 << 20)
                    .build());
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
    }

    public ManagedChannel channel() {
        return channel;
    }

    public EnrolResponse enrol(String site, String token, byte[] request) {
        return EnrolmentGrpc.newBlockingStub(channel)
                .withDeadlineAfter(WAIT_SECONDS, TimeUnit.SECONDS)
                .enrol(EnrolRequest.newBuilder()
                        .setSite(site)
                        .setToken(token)
                        .setCertificateRequest(ByteString.copyFrom(request))
                        .build());
    }

    /** Fetches from an offset to the end, checking that the chunks join up. */
    public byte[] fetch(ContentHash hash, long offset) {
        Iterator<Chunk> chunks = CoordinationGrpc.newBlockingStub(channel)
                .withDeadlineAfter(WAIT_SECONDS, TimeUnit.SECONDS)
                .fetch(FetchRequest.newBuilder()
                        .setHash(ByteString.copyFrom(hash.bytes()))
                        .setOffset(offset)
                        .build());
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        long total = -1;
        while (chunks.hasNext()) {
            Chunk chunk = chunks.next();
            if (chunk.getOffset() != offset + received.size()
                    || chunk.getData().size() > GatewayLimits.CHUNK_BYTES
                    || (total >= 0 && chunk.getTotal() != total)) {
                throw new AssertionError("chunk at " + chunk.getOffset() + " after " + received.size() + " bytes");
            }
            total = chunk.getTotal();
            received.writeBytes(chunk.getData().toByteArray());
        }
        if (offset + received.size() != total) {
            throw new AssertionError("got " + received.size() + " bytes from " + offset + " of " + total);
        }
        return received.toByteArray();
    }

    public SubmissionStatusResponse submissionStatus(String id, ContentHash content) {
        return CoordinationGrpc.newBlockingStub(channel)
                .withDeadlineAfter(WAIT_SECONDS, TimeUnit.SECONDS)
                .submissionStatus(SubmissionStatusRequest.newBuilder()
                        .setSubmissionId(id)
                        .setContentHash(ByteString.copyFrom(content.bytes()))
                        .build());
    }

    /** Opens an upload that the test drives message by message. */
    public Upload upload() {
        CompletableFuture<SubmitResponse> answer = new CompletableFuture<>();
        StreamObserver<SubmitRequest> out = CoordinationGrpc.newStub(channel)
                .withDeadlineAfter(WAIT_SECONDS, TimeUnit.SECONDS)
                .submit(new StreamObserver<>() {
                    @Override
                    public void onNext(SubmitResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new AssertionError("ended without an answer"));
                    }
                });
        return new Upload(out, answer);
    }

    /** One Submit call. */
    public record Upload(StreamObserver<SubmitRequest> out, CompletableFuture<SubmitResponse> answer) {
        public Upload header(SubmissionHeader header) {
            out.onNext(SubmitRequest.newBuilder().setHeader(header).build());
            return this;
        }

        public Upload chunk(byte[] payload, int from, int to) {
            out.onNext(SubmitRequest.newBuilder()
                    .setChunk(Chunk.newBuilder()
                            .setOffset(from)
                            .setTotal(payload.length)
                            .setData(ByteString.copyFrom(payload, from, to - from)))
                    .build());
            return this;
        }

        /** The payload from an offset to its end, in chunks of the largest size. */
        public Upload chunks(byte[] payload, int from) {
            for (int at = from; at < payload.length && !answer.isDone(); at += GatewayLimits.CHUNK_BYTES) {
                chunk(payload, at, Math.min(payload.length, at + GatewayLimits.CHUNK_BYTES));
            }
            return this;
        }

        public SubmitResponse end() {
            out.onCompleted();
            return await();
        }

        /** The answer, or the refusal as an exception. */
        public SubmitResponse await() {
            return get(answer);
        }
    }

    /** What this agent was shown of the audit log, on all its streams. */
    List<LogContinuation> shownLog() {
        return shownLog;
    }

    /**
     * Attends: sends Hello and hands everything that comes to {@code listener}.
     *
     * @param announcement of the site's keys; empty for none
     */
    public Attendance attend(
            int version, String federation, ByteString announcement, Consumer<CoordinatorMessage> listener) {
        List<CoordinatorMessage> heard = new CopyOnWriteArrayList<>();
        CompletableFuture<Status> end = new CompletableFuture<>();
        StreamObserver<AgentMessage> out = CoordinationGrpc.newStub(channel).attend(new StreamObserver<>() {
            @Override
            public void onNext(CoordinatorMessage message) {
                if (message.hasLog()) {
                    shownLog.add(message.getLog()); // comes between messages that most tests are about
                    return;
                }
                heard.add(message);
                listener.accept(message);
            }

            @Override
            public void onError(Throwable failure) {
                end.complete(Status.fromThrowable(failure));
            }

            @Override
            public void onCompleted() {
                end.complete(Status.OK);
            }
        });
        out.onNext(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setProtocolVersion(version)
                        .setSoftware("scripted")
                        .setFederation(federation)
                        .setAnnouncement(announcement))
                .build());
        return new Attendance(out, heard, end);
    }

    /** One Attend call. */
    public record Attendance(
            StreamObserver<AgentMessage> out, List<CoordinatorMessage> heard, CompletableFuture<Status> end) {
        public Status awaitEnd() {
            return get(end);
        }

        public boolean heardOf(CoordinatorMessage.MessageCase kind) {
            return heard.stream().anyMatch(message -> message.getMessageCase() == kind);
        }
    }

    /** Cuts the connection, as a crash of the agent's machine would. */
    public void cut() {
        channel.shutdownNow();
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow();
        channel.awaitTermination(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof StatusRuntimeException refusal) {
                throw refusal;
            }
            throw new AssertionError(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
