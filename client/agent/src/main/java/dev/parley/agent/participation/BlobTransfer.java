package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.agent.storage.BlobCache;
import dev.parley.contract.v1.Chunk;
import dev.parley.contract.v1.CoordinationGrpc;
import dev.parley.contract.v1.FetchRequest;
import dev.parley.privacy.update.ContentHash;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches blobs by hash, from where the last try stopped, into the cache.
 *
 * <p><b>Guarantees</b>: what {@link #fetch} gives has the hash; a blob that claims more than {@code mostBytes} is not stored.
 */
final class BlobTransfer {
    /** Whole blobs that arrived with the wrong hash before the coordinator is given up on. */
    private static final int MAX_DAMAGED = 3;

    private static final Logger LOG = LoggerFactory.getLogger(BlobTransfer.class);

    private final Channel channel;
    private final BlobCache cache;
    private final Retrying retrying;
    private final long mostBytes;

    BlobTransfer(Channel channel, BlobCache cache, Retrying retrying, long mostBytes) {
        this.channel = channel;
        this.cache = cache;
        this.retrying = retrying;
        this.mostBytes = mostBytes;
    }

    /** The coordinator cannot give the blob; the message says why. */
    static final class UnobtainableException extends Exception {
        private static final long serialVersionUID = 1;

        UnobtainableException(String reason) {
            super(reason);
        }
    }

    /**
     * The blob, from the cache or the coordinator. Passing failures are waited out for as long as the scope is open.
     *
     * @throws CallScope.EndedException if the scope ends first
     */
    byte[] fetch(ContentHash hash, CallScope scope) throws UnobtainableException, IOException, InterruptedException {
        Optional<byte[]> cached = cache.read(hash);
        if (cached.isPresent()) {
            return cached.get();
        }
        int failures = 0;
        int damaged = 0;
        while (true) {
            scope.requireOpen();
            long before = cache.held(hash);
            try {
                receive(hash, before);
                Optional<byte[]> bytes = cache.complete(hash);
                if (bytes.isPresent()) {
                    return bytes.get();
                }
                LOG.atWarn().addKeyValue("blob", hash.abbreviated()).log("a blob arrived damaged and was discarded");
                if (++damaged >= MAX_DAMAGED) {
                    throw new UnobtainableException("blob " + hash.abbreviated() + "... arrived damaged " + damaged
                            + " times; the coordinator or the way to it is broken");
                }
            } catch (StatusRuntimeException e) {
                scope.requireOpen();
                // A try that brought the blob forward is not a failure in a row.
                failures = cache.held(hash) > before ? 1 : failures + 1;
                judge(CallFailure.of(e), hash);
                retrying.pauseAfter(failures, scope);
            }
        }
    }

    private void judge(CallFailure failure, ContentHash hash) throws UnobtainableException, IOException {
        switch (failure) {
            case CallFailure.Passing passing ->
                LOG.atInfo()
                        .addKeyValue("blob", hash.abbreviated())
                        .addKeyValue("reason", passing.reason())
                        .log("a fetch was cut and will go on");
            case CallFailure.OutOfStep outOfStep -> cache.discard(hash);
            case CallFailure.Untrusted untrusted -> throw new UnobtainableException(untrusted.reason());
            case CallFailure.Refused refused -> throw new UnobtainableException(refused.reason());
        }
    }

    private void receive(ContentHash hash, long from) throws IOException, UnobtainableException {
        Iterator<Chunk> chunks = CoordinationGrpc.newBlockingStub(channel)
                .fetch(FetchRequest.newBuilder()
                        .setHash(ByteString.copyFrom(hash.bytes()))
                        .setOffset(from)
                        .build());
        long held = from;
        long total = -1;
        while (chunks.hasNext()) {
            Chunk chunk = chunks.next();
            total = chunk.getTotal();
            if (total < 0 || total > mostBytes) {
                throw new UnobtainableException("blob " + hash.abbreviated() + "... has " + Long.toUnsignedString(total)
                        + " bytes, this agent takes at most " + mostBytes);
            }
            if (chunk.getOffset() != held || held + chunk.getData().size() > total) {
                throw Status.OUT_OF_RANGE
                        .withDescription("a chunk does not follow the one before it")
                        .asRuntimeException();
            }
            cache.append(hash, chunk.getData().asReadOnlyByteBuffer());
            held += chunk.getData().size();
        }
        if (held != total) {
            throw Status.UNAVAILABLE
                    .withDescription("the coordinator ended the transfer early")
                    .asRuntimeException();
        }
    }
}
