package dev.parley.agent.participation;

import dev.parley.contract.v1.AgentMessage;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does one thing at a time for the coordinator, on a thread of its own. A new request ends what is under way; the same
 * request again, as after a reconnection, does not: it is answered from what is known.
 */
final class RoundWorker implements ControlSession.Requests, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RoundWorker.class);

    private final SiteTasks tasks;
    private final Consumer<AgentMessage> voice;
    private final Runnable announceAnew;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("site-worker").factory());
    private @Nullable Job current;
    private @Nullable Runnable next;

    /** @param announceAnew ends the attendance so that the next one begins with new keys */
    RoundWorker(SiteTasks tasks, Consumer<AgentMessage> voice, Runnable announceAnew) {
        this.tasks = tasks;
        this.voice = voice;
        this.announceAnew = announceAnew;
    }

    /** What a job is for; equal requests are the same job. */
    private sealed interface Request {
        record TakePart(ContentHash plan, int round, int attempt) implements Request {}

        record Score(int round, ContentHash model) implements Request {}

        record Agree(ContentHash roster, MemberSet peers) implements Request {}

        /** Whether it belongs to another round than this one. */
        default boolean isOutside(int round, int attempt) {
            return switch (this) {
                case TakePart part -> part.round() != round || part.attempt() != attempt;
                case Score score -> score.round() != round;
                case Agree agree -> false; // comes between rounds
            };
        }
    }

    private static final class Job {
        private final Request request;
        private final CallScope scope = new CallScope();
        private volatile @Nullable AgentMessage said;
        private volatile boolean finished;

        Job(Request request) {
            this.request = request;
        }
    }

    private interface Work {
        void on(Job job) throws InterruptedException;
    }

    @Override
    public void plan(ReceivedPlan plan) {
        begin(
                new Request.TakePart(plan.hash(), plan.round(), plan.attempt()),
                job -> tasks.takePart(plan, job.scope, message -> job.said = message));
    }

    @Override
    public void evaluate(int round, ContentHash model, ContentHash learning) {
        begin(
                new Request.Score(round, model),
                job -> tasks.score(round, model, learning, job.scope, message -> job.said = message));
    }

    @Override
    public void agree(ContentHash roster, MemberSet peers) {
        begin(
                new Request.Agree(roster, peers),
                job -> tasks.agree(roster, peers, job.scope, message -> job.said = message));
    }

    // What follows is short and must not wait for training: it is answered where it arrives.

    @Override
    public void cohort(ContentHash plan, CohortNotice update, Optional<CohortNotice> evaluation) {
        tasks.join(plan, update, evaluation);
    }

    @Override
    public void survivors(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
        tasks.confirm(plan, purpose, subject, survivors);
    }

    @Override
    public void opening(ContentHash plan, Purpose purpose, List<Confirmation> confirmations) {
        tasks.open(plan, purpose, confirmations);
    }

    private synchronized void begin(Request request, Work work) {
        Job known = current;
        if (known != null && known.request.equals(request) && !known.scope.hasEnded()) {
            AgentMessage said = known.said;
            boolean unanswerable = known.finished && said == null;
            if (!unanswerable) {
                if (said != null) {
                    voice.accept(said);
                }
                return;
            }
        }
        if (known != null) {
            known.scope.end();
        }
        Job job = new Job(request);
        current = job;
        // Only the newest waits for the thread, however many a coordinator sends while it is busy.
        boolean isAwaited = next != null;
        next = () -> job.scope.run(() -> run(job, work));
        if (!isAwaited && !thread.isShutdown()) {
            thread.execute(this::runNext);
        }
    }

    private void runNext() {
        Runnable newest;
        synchronized (this) {
            newest = next;
            next = null;
        }
        if (newest != null) {
            newest.run();
        }
    }

    private static void run(Job job, Work work) {
        try {
            if (!job.scope.hasEnded()) {
                work.on(job);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a request of the coordinator broke this site's worker");
        } finally {
            job.finished = true;
        }
    }

    @Override
    public synchronized void closed(int round, int attempt, String outcome) {
        LOG.atInfo().addKeyValue("round", round).addKeyValue("outcome", outcome).log("a round has ended");
        if (current != null && current.request.isOutside(round, attempt)) {
            return; // said late, when the next round is under way
        }
        if (current != null && current.request instanceof Request.TakePart) {
            current.scope.end();
        }
        if (tasks.leave()) {
            announceAnew.run();
        }
    }

    /** Ends what is under way; the thread stops at the next step. */
    @Override
    public synchronized void close() {
        if (current != null) {
            current.scope.end();
        }
        tasks.leave();
        thread.shutdownNow();
    }
}
