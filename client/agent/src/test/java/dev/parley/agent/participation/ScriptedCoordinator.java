package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.Chunk;
import dev.parley.contract.v1.CoordinationGrpc;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationRequest;
import dev.parley.contract.v1.FederationEnded;
import dev.parley.contract.v1.FetchRequest;
import dev.parley.contract.v1.Hello;
import dev.parley.contract.v1.RoundClosed;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmissionStatusRequest;
import dev.parley.contract.v1.SubmissionStatusResponse;
import dev.parley.contract.v1.SubmitRequest;
import dev.parley.contract.v1.SubmitResponse;
import dev.parley.contract.v1.Welcome;
import dev.parley.privacy.update.ContentHash;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A coordinator reduced to its calls, on loopback without TLS, that a test makes misbehave. */
final class ScriptedCoordinator extends CoordinationGrpc.CoordinationImplBase implements AutoCloseable {
    private static final int WAIT_SECONDS = 20;
    private static final int CHUNK_BYTES = 1024;

    /** Offsets at which fetches began. */
    final List<Long> fetchedFrom = new CopyOnWriteArrayList<>();
    /** Offsets at which submissions went on. */
    final List<Long> submittedFrom = new CopyOnWriteArrayList<>();
    /** After so many chunks each of the next fetches is cut. */
    final Deque<Integer> fetchCuts = new ArrayDeque<>();
    /** The next fetches deliver damaged bytes. */
    int damagedFetches;
    /** After so many chunks each of the next submissions is cut. */
    final Deque<Integer> submitCuts = new ArrayDeque<>();
    /** Refuses submissions if set. */
    Status submitRefusal = Status.OK;
    /** Refuses attendance if set. */
    Status attendRefusal = Status.OK;

    final BlockingQueue<AgentMessage> heard = new LinkedBlockingQueue<>();
    final BlockingQueue<StreamObserver<CoordinatorMessage>> attended = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> submissions = new LinkedBlockingQueue<>();

    /** What the site said last when it attended. */
    Hello hello = Hello.getDefaultInstance();

    private final Map<ContentHash, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, ByteArrayOutputStream> spool = new ConcurrentHashMap<>();
    private final Map<String, Long> complete = new ConcurrentHashMap<>();
    private final Server server;
    private final int port;

    ScriptedCoordinator() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(this)
                .build()
                .start();
        port = server.getPort();
    }

    ManagedChannel channel() {
        return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    ContentHash put(byte[] blob) {
        ContentHash hash = ContentHash.of(blob);
        blobs.put(hash, blob);
        return hash;
    }

    /** Under a hash that is not its own. */
    void putFalsely(ContentHash hash, byte[] blob) {
        blobs.put(hash, blob);
    }

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came within " + WAIT_SECONDS + " s");
        }
        return next;
    }

    /** The next message that is neither heartbeat nor progress. */
    AgentMessage statement() throws InterruptedException {
        while (true) {
            AgentMessage message = next(heard);
            if (!message.hasHeartbeat() && !message.hasProgress()) {
                return message;
            }
        }
    }

    /** The next attendance, welcomed. */
    StreamObserver<CoordinatorMessage> welcomed(String federation) throws InterruptedException {
        StreamObserver<CoordinatorMessage> out = next(attended);
        AgentMessage first = statement();
        if (!first.hasHello()) {
            throw new AssertionError("the first message is Hello");
        }
        hello = first.getHello();
        out.onNext(CoordinatorMessage.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setProtocolVersion(ControlSession.PROTOCOL_VERSION)
                        .setFederation(federation)
                        .setHeartbeatMillis(1000))
                .build());
        return out;
    }

    static CoordinatorMessage plan(ByteString sealed) {
        return CoordinatorMessage.newBuilder()
                .setPlan(SealedPlan.newBuilder().setPlan(sealed))
                .build();
    }

    static CoordinatorMessage abandoned(int round) {
        return CoordinatorMessage.newBuilder()
                .setClosed(RoundClosed.newBuilder()
                        .setRound(round)
                        .setAbandoned(RoundClosed.Abandoned.newBuilder().setReason("test")))
                .build();
    }

    static CoordinatorMessage evaluate(int round, ContentHash model, ContentHash learning) {
        return CoordinatorMessage.newBuilder()
                .setEvaluate(EvaluationRequest.newBuilder()
                        .setRound(round)
                        .setModelHash(bytes(model))
                        .setLearningHash(bytes(learning)))
                .build();
    }

    static CoordinatorMessage ended(String outcome, ContentHash model) {
        return CoordinatorMessage.newBuilder()
                .setEnded(FederationEnded.newBuilder().setOutcome(outcome).setModelHash(bytes(model)))
                .build();
    }

    static ByteString bytes(ContentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }

    @Override
    public StreamObserver<AgentMessage> attend(StreamObserver<CoordinatorMessage> out) {
        if (!attendRefusal.isOk()) {
            out.onError(attendRefusal.asException());
        } else {
            attended.add(out);
        }
        return new StreamObserver<>() {
            @Override
            public void onNext(AgentMessage message) {
                heard.add(message);
            }

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onCompleted() {}
        };
    }

    @Override
    public synchronized void fetch(FetchRequest request, StreamObserver<Chunk> out) {
        ContentHash hash = ContentHash.ofDigest(request.getHash().toByteArray());
        byte[] blob = blobs.get(hash);
        if (blob == null) {
            out.onError(Status.NOT_FOUND.withDescription("no such blob").asException());
            return;
        }
        fetchedFrom.add(request.getOffset());
        byte[] sent = blob.clone();
        if (damagedFetches > 0) {
            damagedFetches--;
            sent[sent.length - 1] ^= 1;
        }
        int allowed = fetchCuts.isEmpty() ? Integer.MAX_VALUE : fetchCuts.removeFirst();
        int offset = Math.toIntExact(request.getOffset());
        while (offset < sent.length) {
            if (allowed-- == 0) {
                out.onError(
                        Status.UNAVAILABLE.withDescription("cut by the test").asException());
                return;
            }
            int size = Math.min(CHUNK_BYTES, sent.length - offset);
            out.onNext(Chunk.newBuilder()
                    .setOffset(offset)
                    .setTotal(sent.length)
                    .setData(ByteString.copyFrom(sent, offset, size))
                    .build());
            offset += size;
        }
        out.onCompleted();
    }

    @Override
    public void submissionStatus(SubmissionStatusRequest request, StreamObserver<SubmissionStatusResponse> out) {
        String id = request.getSubmissionId();
        out.onNext(SubmissionStatusResponse.newBuilder()
                .setReceived(spool.getOrDefault(id, new ByteArrayOutputStream()).size())
                .setComplete(complete.containsKey(id))
                .build());
        out.onCompleted();
    }

    @Override
    public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> out) {
        return new Receiver(out);
    }

    private final class Receiver implements StreamObserver<SubmitRequest> {
        private final StreamObserver<SubmitResponse> out;
        private SubmissionHeader header = SubmissionHeader.getDefaultInstance();
        private int allowed = Integer.MAX_VALUE;
        private boolean ended;
        private boolean first = true;

        Receiver(StreamObserver<SubmitResponse> out) {
            this.out = out;
        }

        @Override
        public void onNext(SubmitRequest request) {
            if (ended) {
                return;
            }
            if (request.hasHeader()) {
                header = request.getHeader();
                if (!submitRefusal.isOk()) {
                    end(submitRefusal);
                    return;
                }
                synchronized (submitCuts) {
                    allowed = submitCuts.isEmpty() ? Integer.MAX_VALUE : submitCuts.removeFirst();
                }
                spool.computeIfAbsent(header.getSubmissionId(), id -> new ByteArrayOutputStream());
                return;
            }
            ByteArrayOutputStream held = spool.get(header.getSubmissionId());
            Chunk chunk = request.getChunk();
            if (first) {
                first = false;
                submittedFrom.add(chunk.getOffset());
            }
            if (allowed-- == 0) {
                end(Status.UNAVAILABLE.withDescription("cut by the test"));
            } else if (chunk.getOffset() != held.size()) {
                end(Status.OUT_OF_RANGE.withDescription("expected " + held.size()));
            } else {
                held.writeBytes(chunk.getData().toByteArray());
                if (held.size() == header.getTotal()) {
                    ended = true;
                    boolean right = ContentHash.of(held.toByteArray())
                            .equals(ContentHash.ofDigest(header.getContentHash().toByteArray()));
                    complete.put(header.getSubmissionId(), header.getTotal());
                    submissions.add(right ? held.toByteArray() : new byte[0]);
                    out.onNext(SubmitResponse.newBuilder()
                            .setComplete(true)
                            .setReceived(held.size())
                            .build());
                    out.onCompleted();
                }
            }
        }

        private void end(Status status) {
            ended = true;
            out.onError(status.asException());
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(WAIT_SECONDS, TimeUnit.SECONDS);
    }
}
