package dev.parley.server.gateway;

import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.Chunk;
import dev.parley.contract.v1.CoordinationGrpc;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.FetchRequest;
import dev.parley.contract.v1.SubmissionStatusRequest;
import dev.parley.contract.v1.SubmissionStatusResponse;
import dev.parley.contract.v1.SubmitRequest;
import dev.parley.contract.v1.SubmitResponse;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.audit.AuditLog;
import dev.parley.server.cluster.Admission;
import dev.parley.server.cluster.Federation;
import dev.parley.server.cluster.SubmissionOffer;
import dev.parley.server.registry.Blobs;
import dev.parley.server.registry.SubmissionSpool;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Optional;

/** The calls of an enrolled site. Who calls is taken from {@link CallerIdentity}, never from a message. */
final class CoordinationService extends CoordinationGrpc.CoordinationImplBase {
    private final Federation federation;
    private final Blobs blobs;
    private final SubmissionSpool spool;
    private final AuditLog audit;
    private final GatewayLimits limits;
    private final IdleWatch watch;

    CoordinationService(
            Federation federation,
            Blobs blobs,
            SubmissionSpool spool,
            AuditLog audit,
            GatewayLimits limits,
            IdleWatch watch) {
        this.federation = federation;
        this.blobs = blobs;
        this.spool = spool;
        this.audit = audit;
        this.limits = limits;
        this.watch = watch;
    }

    @Override
    public StreamObserver<AgentMessage> attend(StreamObserver<CoordinatorMessage> out) {
        return new ControlStream(CallerIdentity.site(), federation, audit, limits, serverCall(out), watch);
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<Chunk> out) {
        try {
            ContentHash hash = ContractReader.hash(request.getHash());
            Optional<byte[]> blob = blobs.read(hash);
            if (blob.isEmpty()) {
                out.onError(Status.NOT_FOUND
                        .withDescription("no blob " + hash.abbreviated() + "... here; fetch only what a plan names")
                        .asException());
                return;
            }
            long offset = request.getOffset();
            if (offset < 0 || offset > blob.get().length) {
                out.onError(Status.OUT_OF_RANGE
                        .withDescription("offset " + Long.toUnsignedString(offset) + " of a blob of "
                                + blob.get().length + " bytes; discard your copy and fetch from 0")
                        .asException());
                return;
            }
            FetchStream.start(blob.get(), (int) offset, serverCall(out), watch, limits.stalledTransfer());
        } catch (ContractReader.RefusedMessageException e) {
            out.onError(e.status().asException());
        } catch (IOException e) {
            out.onError(Incidents.statusOf(e).asException());
        }
    }

    @Override
    public void submissionStatus(SubmissionStatusRequest request, StreamObserver<SubmissionStatusResponse> out) {
        try {
            // The size plays no part in whether it has been counted, and the request does not carry it.
            SubmissionOffer offer = ContractReader.offer(federation.name(), CallerIdentity.site(), request);
            out.onNext(SubmissionStatusResponse.newBuilder()
                    .setReceived(spool.received(request.getSubmissionId(), offer.content()))
                    .setComplete(federation.admit(offer) instanceof Admission.Counted)
                    .build());
            out.onCompleted();
        } catch (ContractReader.RefusedMessageException e) {
            out.onError(e.status().asException());
        } catch (Federation.UnavailableException e) {
            out.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asException());
        }
    }

    @Override
    public StreamObserver<SubmitRequest> submit(StreamObserver<SubmitResponse> out) {
        return new SubmitStream(
                CallerIdentity.site(), federation, spool, serverCall(out), watch, limits.stalledTransfer());
    }

    private static <T> ServerCallStreamObserver<T> serverCall(StreamObserver<T> out) {
        return (ServerCallStreamObserver<T>) out;
    }
}
