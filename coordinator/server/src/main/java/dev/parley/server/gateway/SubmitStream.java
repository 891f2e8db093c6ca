package dev.parley.server.gateway;

import dev.parley.contract.v1.Chunk;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmitRequest;
import dev.parley.contract.v1.SubmitResponse;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SiteName;
import dev.parley.server.cluster.Admission;
import dev.parley.server.cluster.Federation;
import dev.parley.server.cluster.SubmissionOffer;
import dev.parley.server.registry.SubmissionSpool;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upload: a header, which is admitted or refused before a byte is stored, then chunks that go straight to a file.
 * gRPC asks for the next message only when {@link #onNext} has returned, so a fast sender waits for the disk.
 */
final class SubmitStream implements StreamObserver<SubmitRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(SubmitStream.class);

    private final SiteName site;
    private final Federation federation;
    private final SubmissionSpool spool;
    private final ServerCallStreamObserver<SubmitResponse> out;
    private final IdleWatch.Watched watch;
    private @Nullable Upload upload;
    private boolean ended;

    SubmitStream(
            SiteName site,
            Federation federation,
            SubmissionSpool spool,
            ServerCallStreamObserver<SubmitResponse> out,
            IdleWatch idle,
            Duration stalled) {
        this.site = site;
        this.federation = federation;
        this.spool = spool;
        this.out = out;
        this.watch = idle.watch(
                stalled,
                () -> refuse(Status.DEADLINE_EXCEEDED.withDescription(
                        "nothing arrived for too long; ask for the submission's status and go on from there")));
        out.setOnCancelHandler(watch::stop);
    }

    private record Upload(SubmissionOffer offer, ContentHash planHash, SubmissionSpool.Writer writer) {
        String id() {
            return offer.id().toString();
        }
    }

    // Synchronised with the timer that ends a stalled upload, not between messages: gRPC delivers those one by one.
    @Override
    public synchronized void onNext(SubmitRequest request) {
        if (ended) {
            return;
        }
        watch.stirred();
        try {
            switch (request.getPartCase()) {
                case HEADER -> begin(request.getHeader());
                case CHUNK -> append(request.getChunk());
                case PART_NOT_SET ->
                    throw Status.INVALID_ARGUMENT
                            .withDescription("a message of Submit is a header or a chunk")
                            .asException();
            }
        } catch (StatusException e) {
            refuse(e.getStatus());
        } catch (ContractReader.RefusedMessageException e) {
            refuse(e.status());
        } catch (SubmissionSpool.FencedException e) {
            refuse(Status.ABORTED.withDescription(e.getMessage()));
        } catch (Federation.UnavailableException e) {
            refuse(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (IOException e) {
            refuse(Incidents.statusOf(e));
        }
    }

    private void begin(SubmissionHeader header)
            throws StatusException, IOException, ContractReader.RefusedMessageException {
        if (upload != null) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("the header is sent once")
                    .asException();
        }
        SubmissionOffer offer = ContractReader.offer(federation.name(), site, header);
        switch (federation.admit(offer)) {
            case Admission.Counted counted -> answer(true, offer.totalBytes());
            case Admission.Open open -> {
                ContentHash planHash = ContractReader.hash(header.getPlanHash());
                if (!open.plan().hash().equals(planHash)) {
                    throw Status.FAILED_PRECONDITION
                            .withDescription(
                                    "the submission answers a plan other than the current one; attach again and "
                                            + "wait for the plan")
                            .asException();
                }
                SubmissionSpool.Writer writer =
                        spool.open(header.getSubmissionId(), offer.content(), offer.totalBytes());
                upload = new Upload(offer, planHash, writer);
                finishIfComplete(upload);
            }
            case Admission refused ->
                throw SubmissionRefusals.status(refused, offer).asException();
        }
    }

    private void append(Chunk chunk) throws StatusException, IOException {
        if (upload == null) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("the first message of Submit is the header")
                    .asException();
        }
        long held = upload.writer().received();
        if (chunk.getData().size() > GatewayLimits.CHUNK_BYTES) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("a chunk holds at most " + GatewayLimits.CHUNK_BYTES + " bytes, got "
                            + chunk.getData().size())
                    .asException();
        }
        if (chunk.getOffset() != held) {
            throw Status.OUT_OF_RANGE
                    .withDescription("the chunk begins at " + Long.toUnsignedString(chunk.getOffset()) + ", expected "
                            + held + "; ask for the submission's status and go on from there")
                    .asException();
        }
        try {
            upload.writer().append(chunk.getData().asReadOnlyByteBuffer());
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException();
        }
        finishIfComplete(upload);
    }

    private void finishIfComplete(Upload complete) throws StatusException, IOException {
        if (!complete.writer().isComplete()) {
            return;
        }
        Admission outcome;
        try {
            outcome = federation.submit(
                    complete.offer(), complete.planHash(), complete.writer().finish());
        } catch (SubmissionSpool.ContentMismatchException e) {
            spool.discard(complete.id(), complete.writer());
            throw Status.DATA_LOSS
                    .withDescription(e.getMessage() + "; it was discarded: send it again from offset 0")
                    .asException();
        }
        if (outcome instanceof Admission.Malformed) {
            spool.discard(complete.id(), complete.writer());
        }
        if (!(outcome instanceof Admission.Counted)) {
            throw SubmissionRefusals.status(outcome, complete.offer()).asException();
        }
        LOG.atInfo()
                .addKeyValue("site", site)
                .addKeyValue("round", complete.offer().id().round().round())
                .addKeyValue("bytes", complete.offer().totalBytes())
                .log("a submission was received");
        answer(true, complete.offer().totalBytes());
    }

    @Override
    public void onError(Throwable cause) {
        watch.stop();
    }

    @Override
    public synchronized void onCompleted() {
        if (ended) {
            return;
        }
        if (upload == null) {
            refuse(Status.INVALID_ARGUMENT.withDescription("Submit ended before its header"));
        } else {
            answer(false, upload.writer().received());
        }
    }

    private void answer(boolean complete, long received) {
        ended = true;
        watch.stop();
        out.onNext(SubmitResponse.newBuilder()
                .setComplete(complete)
                .setReceived(received)
                .build());
        out.onCompleted();
    }

    private synchronized void refuse(Status status) {
        if (ended) {
            return;
        }
        ended = true;
        watch.stop();
        LOG.atInfo()
                .addKeyValue("site", site)
                .addKeyValue("status", status.getCode())
                .log("a submission was refused");
        out.onError(status.asException());
    }
}
