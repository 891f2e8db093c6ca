package dev.parley.server.gateway;

import static dev.parley.server.gateway.GatewayFixture.assertRefused;
import static io.grpc.Status.Code.DEADLINE_EXCEEDED;
import static io.grpc.Status.Code.INTERNAL;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.OUT_OF_RANGE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.Chunk;
import dev.parley.contract.v1.CoordinationGrpc;
import dev.parley.contract.v1.FetchRequest;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.registry.BlobFolder;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchStreamTest {
    private static final int CHUNK = GatewayLimits.CHUNK_BYTES;
    private static final Duration STALLED = Duration.ofMillis(300);
    private static final int SIZE = 9 * CHUNK + 12_345;

    @TempDir
    Path folder;

    private GatewayFixture gateway;
    private ScriptedAgent north;
    private byte[] model;
    private ContentHash hash;

    @BeforeEach
    void start() throws Exception {
        GatewayLimits standard = GatewayLimits.defaults();
        gateway = new GatewayFixture(
                folder,
                new RecordingFederation(),
                new GatewayLimits(
                        standard.maxMessageBytes(),
                        standard.maxHeaderBytes(),
                        standard.maxCallsPerConnection(),
                        standard.maxSites(),
                        standard.heartbeat(),
                        STALLED,
                        standard.leastKeepAlive(),
                        standard.enrolmentFailuresPerMinute()));
        north = gateway.agent("north");
        model = new byte[SIZE];
        new Random(3).nextBytes(model);
        hash = gateway.blobs.put(model);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void sendsTheBytesOfTheHash() {
        assertEquals(hash, ContentHash.of(north.fetch(hash, 0)));
    }

    @Test
    void resumesAtEveryKindOfOffset() {
        for (int offset : new int[] {1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, SIZE - 1, SIZE}) {
            byte[] rest = north.fetch(hash, offset);

            byte[] joined = Arrays.copyOf(model, SIZE);
            Arrays.fill(joined, offset, SIZE, (byte) 0);
            System.arraycopy(rest, 0, joined, offset, rest.length);
            assertEquals(hash, ContentHash.of(joined), "from offset " + offset);
        }
    }

    @Test
    void refusesWhatItCannotServe() {
        assertRefused(OUT_OF_RANGE, "fetch from 0", () -> north.fetch(hash, SIZE + 1));
        assertRefused(OUT_OF_RANGE, "fetch from 0", () -> north.fetch(hash, -1));
        assertRefused(NOT_FOUND, "no blob", () -> north.fetch(ContentHash.of(new byte[] {9}), 0));
        assertRefused(
                INVALID_ARGUMENT,
                "32 bytes",
                () -> CoordinationGrpc.newBlockingStub(north.channel())
                        .fetch(FetchRequest.newBuilder()
                                .setHash(ByteString.copyFromUtf8("../../../../etc/passwd"))
                                .build())
                        .hasNext());
    }

    @Test
    void refusesToServeADamagedBlob() throws Exception {
        byte[] damaged = model.clone();
        damaged[SIZE / 2] ^= 1;
        Files.write(new BlobFolder(folder.resolve("blobs")).path(hash), damaged);

        assertRefused(INTERNAL, "incident", () -> north.fetch(hash, 0));
    }

    @Test
    void keepsPaceWithItsReaderAndGivesUpOnOneThatStops() {
        AtomicReference<ClientCallStreamObserver<FetchRequest>> call = new AtomicReference<>();
        CompletableFuture<Status> end = new CompletableFuture<>();
        CoordinationGrpc.newStub(north.channel())
                .fetch(
                        FetchRequest.newBuilder()
                                .setHash(ByteString.copyFrom(hash.bytes()))
                                .build(),
                        new ClientResponseObserver<FetchRequest, Chunk>() {
                            @Override
                            public void beforeStart(ClientCallStreamObserver<FetchRequest> started) {
                                started.disableAutoRequestWithInitial(1);
                                call.set(started);
                            }

                            @Override
                            public void onNext(Chunk chunk) {}

                            @Override
                            public void onError(Throwable failure) {
                                end.complete(Status.fromThrowable(failure));
                            }

                            @Override
                            public void onCompleted() {
                                end.complete(Status.OK);
                            }
                        });

        // The reader took one chunk and reads no more; the transport holds what its window allows, never the whole
        // blob.
        // It reads on only after the coordinator must have given up; the refusal lies behind what is buffered.
        await().pollDelay(STALLED.multipliedBy(4))
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    call.get().request(1);
                    return end.isDone();
                });
        assertRefused(DEADLINE_EXCEEDED, "fetch again from offset", end.join());
        assertTrue(gateway.traffic.downBytes() < SIZE, gateway.traffic.downBytes() + " bytes were sent");
        assertArrayEquals(model, north.fetch(hash, 0));
    }
}
