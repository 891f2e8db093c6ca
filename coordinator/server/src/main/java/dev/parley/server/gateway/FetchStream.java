package dev.parley.server.gateway;

import com.google.protobuf.UnsafeByteOperations;
import dev.parley.contract.v1.Chunk;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;

/**
 * Sends one blob in chunks, only as fast as the caller reads: what is in memory for a slow caller is one chunk and the
 * shared blob.
 */
final class FetchStream {
    private final byte[] blob;
    private final ServerCallStreamObserver<Chunk> out;
    private final IdleWatch.Watched watch;
    private int offset;
    private boolean started;
    private boolean ended;

    private FetchStream(
            byte[] blob, int offset, ServerCallStreamObserver<Chunk> out, IdleWatch watch, Duration stalled) {
        this.blob = blob;
        this.offset = offset;
        this.out = out;
        this.watch = watch.watch(stalled, this::stalled);
    }

    /** @param blob never written to; its slices are sent without a copy */
    static void start(byte[] blob, int offset, ServerCallStreamObserver<Chunk> out, IdleWatch watch, Duration stalled) {
        FetchStream stream = new FetchStream(blob, offset, out, watch, stalled);
        out.setOnCancelHandler(stream.watch::stop);
        out.setOnReadyHandler(stream::send);
    }

    private synchronized void send() {
        while (!ended && out.isReady()) {
            if (offset == blob.length && started) {
                ended = true;
                watch.stop();
                out.onCompleted();
                return;
            }
            // An offset at the very end still gets one empty chunk: it tells the reader the total.
            int size = Math.min(GatewayLimits.CHUNK_BYTES, blob.length - offset);
            out.onNext(Chunk.newBuilder()
                    .setOffset(offset)
                    .setTotal(blob.length)
                    .setData(UnsafeByteOperations.unsafeWrap(blob, offset, size))
                    .build());
            offset += size;
            started = true;
            watch.stirred();
        }
    }

    private synchronized void stalled() {
        if (!ended) {
            ended = true;
            out.onError(Status.DEADLINE_EXCEEDED
                    .withDescription("nothing was read for too long; fetch again from offset " + offset
                            + " or from where your copy ends")
                    .asException());
        }
    }
}
