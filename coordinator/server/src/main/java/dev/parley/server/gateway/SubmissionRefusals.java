package dev.parley.server.gateway;

import dev.parley.server.cluster.Admission;
import dev.parley.server.cluster.SubmissionOffer;
import io.grpc.Status;

/** How a refused submission reads on the wire. */
final class SubmissionRefusals {
    private SubmissionRefusals() {}

    static Status status(Admission admission, SubmissionOffer offer) {
        return switch (admission) {
            case Admission.Counted counted -> Status.OK;
            case Admission.NotMember refused -> Status.PERMISSION_DENIED.withDescription(refused.reason());
            case Admission.NotOpen refused -> Status.FAILED_PRECONDITION.withDescription(refused.reason());
            case Admission.WrongSize wrong ->
                Status.INVALID_ARGUMENT.withDescription("a submission of this round has " + wrong.expectedBytes()
                        + " bytes (the masked elements of model and weight, packed), announced were "
                        + offer.totalBytes());
            case Admission.Malformed refused -> Status.INVALID_ARGUMENT.withDescription(refused.reason());
            case Admission.Open open ->
                Status.FAILED_PRECONDITION.withDescription(
                        "the round changed while the submission arrived; ask for its status and send it again");
        };
    }
}
