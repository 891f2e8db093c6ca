package dev.parley.agent.participation;

import dev.parley.agent.storage.BlobCache;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running agent: attends, works, and attends again when the connection is lost. Work that is under way survives a lost
 * connection.
 */
public final class SiteAgent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SiteAgent.class);

    private final CoordinatorConnection connection;
    private final String federation;
    private final String software;
    private final Retrying retrying;
    private final SumMembership sums;
    private final LogWitness witness;
    private final RoundWorker worker;
    private final CallScope life = new CallScope();
    private final AtomicReference<@Nullable ControlSession> session = new AtomicReference<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("heartbeat").factory());

    /** How an agent's run ended. */
    public sealed interface Ending {
        /** The federation completed, or failed for the reason given. */
        record FederationEnded(boolean completed, String outcome, ContentHash model) implements Ending {}

        /** The coordinator will not have this site; trying again cannot help. */
        record Refused(String reason) implements Ending {}

        /** The server is not the one that this site trusts. */
        record Untrusted(String reason) implements Ending {}

        /** The coordinator's audit log is not the one that this site has seen, or lacks what it must have. */
        record LogRefused(String reason) implements Ending {}

        /** {@link #close} was called. */
        record Stopped() implements Ending {}
    }

    /**
     * @param sums this process's membership in the federation's sums
     * @param witness what this site has seen of the audit log
     * @param maxBlobBytes largest model that is fetched
     */
    public SiteAgent(
            CoordinatorConnection connection,
            SiteWork work,
            SumMembership sums,
            LogWitness witness,
            BlobCache cache,
            long maxBlobBytes,
            String software,
            Retrying retrying,
            InstantSource clock) {
        this.connection = connection;
        this.federation = work.federation();
        this.software = software;
        this.retrying = retrying;
        BlobTransfer blobs = new BlobTransfer(connection.channel(), cache, retrying, maxBlobBytes);
        UpdateTransfer updates = new UpdateTransfer(connection.channel(), work.site(), retrying);
        this.sums = sums;
        this.witness = witness;
        this.worker = new RoundWorker(
                new SiteTasks(work, sums, blobs, updates, this::say, clock), this::say, this::announceAnew);
    }

    private void say(AgentMessage message) {
        ControlSession open = session.get();
        if (open != null) {
            open.send(message);
        }
    }

    private void announceAnew() {
        ControlSession open = session.get();
        if (open != null) {
            open.announceAnew();
        }
    }

    /**
     * Attends until there is a reason to stop; once. A lost connection, or a coordinator that is not there, is none.
     *
     * @param untilEnded whether the end of the federation is a reason; if not, the agent waits for what comes next
     */
    public Ending run(boolean untilEnded) throws InterruptedException {
        try {
            return attendUntilReason(untilEnded);
        } finally {
            timer.shutdownNow();
        }
    }

    private Ending attendUntilReason(boolean untilEnded) throws InterruptedException {
        int failures = 0;
        while (!life.hasEnded()) {
            switch (attend()) {
                case SessionEnd.FederationEnded ended -> {
                    LOG.atInfo().addKeyValue("outcome", ended.outcome()).log("the federation has ended");
                    if (untilEnded) {
                        return new Ending.FederationEnded(ended.completed(), ended.outcome(), ended.model());
                    }
                    failures++;
                }
                case SessionEnd.LogRefused refused -> {
                    LOG.atError()
                            .addKeyValue("reason", refused.reason())
                            .log(
                                    "the coordinator's audit log was changed behind this site's back; the site takes no more part");
                    return new Ending.LogRefused(refused.reason());
                }
                case SessionEnd.Cut cut -> {
                    failures = cut.welcomed() ? 1 : failures + 1;
                    Ending ending = judge(cut.failure(), failures);
                    if (ending != null) {
                        return ending;
                    }
                }
            }
            retrying.pauseAfter(failures, life);
        }
        return new Ending.Stopped();
    }

    private SessionEnd attend() throws InterruptedException {
        connection.dialAfresh();
        renewKeys();
        ControlSession open = new ControlSession(federation, worker, witness, timer);
        // Before it opens: a plan may come, and be answered, before open() has returned.
        session.set(open);
        open.open(connection.channel(), software, sums.announcement());
        if (life.hasEnded()) {
            open.leave();
        }
        try {
            return open.end().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a session's end is never exceptional", e);
        } finally {
            session.set(null);
        }
    }

    private void renewKeys() {
        try {
            sums.renew();
        } catch (IOException e) {
            LOG.atError().setCause(e).log("new keys could not be made durable; is the disk full? The old ones go on");
        }
    }

    private @Nullable Ending judge(CallFailure failure, int failures) {
        if (life.hasEnded()) {
            return new Ending.Stopped();
        }
        return switch (failure) {
            case CallFailure.Refused refused -> new Ending.Refused(refused.reason());
            case CallFailure.Untrusted untrusted -> new Ending.Untrusted(untrusted.reason());
            case CallFailure.Passing passing -> waiting(passing, failures);
            case CallFailure.OutOfStep outOfStep -> waiting(outOfStep, failures);
        };
    }

    private static @Nullable Ending waiting(CallFailure failure, int failures) {
        LOG.atWarn()
                .addKeyValue("reason", failure.reason())
                .addKeyValue("failures", failures)
                .log("not connected to the coordinator; trying again");
        return null;
    }

    /** Leaves in order: the control stream is ended, work is left. {@link #run} returns. */
    @Override
    public void close() {
        life.end();
        ControlSession open = session.get();
        if (open != null) {
            open.leave();
        }
        worker.close();
        connection.close();
    }
}
