package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.Chunk;
import dev.parley.contract.v1.CoordinationGrpc;
import dev.parley.contract.v1.SubmissionHeader;
import dev.parley.contract.v1.SubmissionStatusRequest;
import dev.parley.contract.v1.SubmissionStatusResponse;
import dev.parley.contract.v1.SubmitRequest;
import dev.parley.contract.v1.SubmitResponse;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.MaskedUpdate;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands in a masked update: asks how much the coordinator holds, sends the rest, and repeats until it is complete or
 * refused. Idempotent: one submission id for each round, attempt and site.
 */
final class UpdateTransfer {
    /** The contract's largest chunk. */
    static final int CHUNK_BYTES = 256 << 10;

    private static final Duration STATUS_LIMIT = Duration.ofSeconds(20);
    private static final Logger LOG = LoggerFactory.getLogger(UpdateTransfer.class);

    private final Channel channel;
    private final String site;
    private final Retrying retrying;

    UpdateTransfer(Channel channel, String site, Retrying retrying) {
        this.channel = channel;
        this.site = site;
        this.retrying = retrying;
    }

    /** What became of a submission. */
    sealed interface Outcome {
        record Complete(long bytes) implements Outcome {}

        /** The coordinator does not want it; most often the round is over. */
        record Refused(String reason) implements Outcome {}
    }

    private record Submission(SubmissionHeader header, byte[] payload) {}

    /**
     * Submits for the plan. Passing failures are waited out for as long as the scope is open.
     *
     * @throws CallScope.EndedException if the scope ends first
     */
    Outcome submit(ReceivedPlan.Usable plan, MaskedUpdate update, CallScope scope) throws InterruptedException {
        Submission submission = submission(plan, update.toBytes());
        int failures = 0;
        long held = 0;
        while (true) {
            scope.requireOpen();
            try {
                SubmissionStatusResponse status = status(submission);
                // A try that brought it forward is not a failure in a row.
                failures = status.getReceived() > held ? 0 : failures;
                held = status.getReceived();
                if (status.getComplete() || send(submission, held).getComplete()) {
                    return new Outcome.Complete(submission.payload().length);
                }
                failures++;
            } catch (StatusRuntimeException e) {
                scope.requireOpen();
                switch (CallFailure.of(e)) {
                    case CallFailure.Passing passing ->
                        LOG.atInfo().addKeyValue("reason", passing.reason()).log("a submission was cut and will go on");
                    case CallFailure.OutOfStep outOfStep ->
                        LOG.atInfo().addKeyValue("reason", outOfStep.reason()).log("a submission begins again");
                    case CallFailure.Untrusted untrusted -> {
                        return new Outcome.Refused(untrusted.reason());
                    }
                    case CallFailure.Refused refused -> {
                        return new Outcome.Refused(refused.reason());
                    }
                }
                failures++;
            }
            retrying.pauseAfter(failures, scope);
        }
    }

    private Submission submission(ReceivedPlan.Usable plan, byte[] payload) {
        Assignment assignment = plan.assignment();
        return new Submission(
                SubmissionHeader.newBuilder()
                        .setSubmissionId(assignment.federation() + "/" + assignment.round() + "/" + assignment.attempt()
                                + "/" + site)
                        .setFederation(assignment.federation())
                        .setRound(assignment.round())
                        .setAttempt(assignment.attempt())
                        .setPlanHash(ByteString.copyFrom(plan.hash().bytes()))
                        .setContentHash(
                                ByteString.copyFrom(ContentHash.of(payload).bytes()))
                        .setTotal(payload.length)
                        .build(),
                payload);
    }

    private SubmissionStatusResponse status(Submission submission) {
        return CoordinationGrpc.newBlockingStub(channel)
                .withDeadlineAfter(STATUS_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .submissionStatus(SubmissionStatusRequest.newBuilder()
                        .setSubmissionId(submission.header().getSubmissionId())
                        .setContentHash(submission.header().getContentHash())
                        .build());
    }

    private SubmitResponse send(Submission submission, long from) throws InterruptedException {
        CompletableFuture<SubmitResponse> answer = new CompletableFuture<>();
        var unused = CoordinationGrpc.newStub(channel).submit(new Sender(submission, from, answer));
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StatusRuntimeException status) {
                throw status;
            }
            throw new IllegalStateException("a call fails with a status", e);
        }
    }

    /** Sends only as fast as the coordinator reads: what waits in memory is one chunk. */
    private static final class Sender implements ClientResponseObserver<SubmitRequest, SubmitResponse> {
        private final Submission submission;
        private final CompletableFuture<SubmitResponse> answer;
        private int offset;
        private boolean begun;
        private boolean ended;

        Sender(Submission submission, long from, CompletableFuture<SubmitResponse> answer) {
            this.submission = submission;
            this.offset = Math.toIntExact(Math.clamp(from, 0, submission.payload().length));
            this.answer = answer;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<SubmitRequest> out) {
            out.setOnReadyHandler(() -> sendMore(out));
        }

        private void sendMore(ClientCallStreamObserver<SubmitRequest> out) {
            while (!ended && out.isReady()) {
                if (!begun) {
                    begun = true;
                    out.onNext(SubmitRequest.newBuilder()
                            .setHeader(submission.header())
                            .build());
                } else if (offset < submission.payload().length) {
                    int size = Math.min(CHUNK_BYTES, submission.payload().length - offset);
                    out.onNext(SubmitRequest.newBuilder()
                            .setChunk(Chunk.newBuilder()
                                    .setOffset(offset)
                                    .setTotal(submission.payload().length)
                                    .setData(ByteString.copyFrom(submission.payload(), offset, size)))
                            .build());
                    offset += size;
                } else {
                    ended = true;
                    out.onCompleted();
                }
            }
        }

        @Override
        public void onNext(SubmitResponse response) {
            ended = true;
            answer.complete(response);
        }

        @Override
        public void onError(Throwable failure) {
            ended = true;
            answer.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            answer.complete(SubmitResponse.getDefaultInstance()); // does nothing after an answer
        }
    }
}
