package dev.parley.server.gateway;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an unexpected failure into INTERNAL with a number that the operator finds in the log; nothing else about it
 * reaches the caller.
 */
final class Incidents implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(Incidents.class);

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        ServerCall.Listener<Q> listener;
        try {
            listener = next.startCall(call, headers);
        } catch (RuntimeException e) {
            close(call, e);
            return new ServerCall.Listener<>() {};
        }
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onMessage(Q message) {
                guarded(() -> super.onMessage(message));
            }

            @Override
            public void onHalfClose() {
                guarded(super::onHalfClose);
            }

            @Override
            public void onReady() {
                guarded(super::onReady);
            }

            private void guarded(Runnable step) {
                try {
                    step.run();
                } catch (RuntimeException e) {
                    close(call, e);
                }
            }
        };
    }

    /** The status for a failure that the caller cannot mend; logs it. */
    static Status statusOf(Exception failure) {
        String incident = Integer.toHexString(ThreadLocalRandom.current().nextInt());
        LOG.atError().addKeyValue("incident", incident).setCause(failure).log("a call failed");
        return Status.INTERNAL.withDescription(
                "the coordinator failed on this call; its operator finds the cause in the log under incident "
                        + incident);
    }

    private static void close(ServerCall<?, ?> call, RuntimeException failure) {
        Status status = statusOf(failure);
        try {
            call.close(status, new Metadata());
        } catch (IllegalStateException alreadyClosed) {
            LOG.atDebug().log("the failed call was closed already");
        }
    }
}
