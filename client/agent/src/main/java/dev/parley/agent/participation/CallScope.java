package dev.parley.agent.participation;

import io.grpc.Context;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;

/**
 * The life of one piece of work for the coordinator. Ending it cuts the calls made inside, and the next
 * {@link #requireOpen} throws; work is then left as it stands.
 */
final class CallScope {
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Thrown out of work whose scope has ended; expected, and so without a trace. */
    static final class EndedException extends CancellationException {
        private static final long serialVersionUID = 1;

        EndedException() {
            super("the round is over");
        }
    }

    /** Makes the calls of {@code work} part of this scope. */
    void run(Runnable work) {
        context.run(work);
    }

    void end() {
        ended.countDown();
        context.cancel(new EndedException());
    }

    /** Counted down when the scope ends. */
    CountDownLatch ended() {
        return ended;
    }

    boolean hasEnded() {
        return context.isCancelled();
    }

    void requireOpen() {
        if (hasEnded()) {
            throw new EndedException();
        }
    }
}
