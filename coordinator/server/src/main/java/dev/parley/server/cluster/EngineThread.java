package dev.parley.server.cluster;

import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.rounds.Effect;
import dev.parley.rounds.FederationEngine;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.ReleaseResult;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.SubmissionId;
import dev.parley.server.registry.Blobs;
import dev.parley.server.registry.SubmissionSpool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one owner of a {@link FederationEngine}: a thread that handles events in the order in which they were given, does the slow
 * effects itself (adding an update, making and storing a version), and reports every effect, those too, before it does them.
 * So the sum has one owner, and the actor never waits for a vector or a disk.
 */
final class EngineThread implements AutoCloseable {
    private static final int PIECE_BYTES = 64 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(EngineThread.class);

    private final Blobs blobs;
    private final SubmissionSpool spool;
    private final RoundTrail trail;
    private final InstantSource clock;
    private final Consumer<List<Effect>> report;
    private final Runnable broken;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("federation-engine").factory());

    // Touched by that thread only.
    private final FederationEngine engine;
    private @Nullable HandedIn handedIn;
    private @Nullable ContentHash stored;

    /** An update whose bytes are checked and wait for the engine's judgement. */
    private record HandedIn(SubmissionId submission, SeekableByteChannel bytes) {}

    /**
     * @param report hears of the effects that nobody waits for: those of the engine's own events
     * @param broken told when something failed that must not; nothing is handled after it
     */
    EngineThread(
            FederationSpec spec,
            ParameterVector model,
            Blobs blobs,
            SubmissionSpool spool,
            RoundTrail trail,
            InstantSource clock,
            Consumer<List<Effect>> report,
            Runnable broken) {
        this.engine = new FederationEngine(spec, model, Runtime.getRuntime().availableProcessors());
        this.blobs = blobs;
        this.spool = spool;
        this.trail = trail;
        this.clock = clock;
        this.report = report;
        this.broken = broken;
    }

    /** Handles an event; {@code then} is given its effects, on the engine's thread. */
    void handle(FederationEvent event, Consumer<List<Effect>> then) {
        inOrder(() -> step(event, then));
    }

    /**
     * As {@link #handle}, for an update whose bytes are in a file. The engine hears of it only if the bytes have the round's
     * form, and adds what was checked: from before the check until it is added, the file stays open, whatever becomes of
     * its name.
     *
     * @param refuse told instead of {@code then} if they do not, on the engine's thread
     */
    void handle(
            RoundEvent.SubmissionCompleted event,
            Path file,
            UpdateForm form,
            Consumer<List<Effect>> then,
            Consumer<Admission> refuse) {
        inOrder(() -> {
            try (SeekableByteChannel bytes = Files.newByteChannel(file)) {
                Optional<String> defect = form.defect(bytes);
                if (defect.isPresent()) {
                    refuse.accept(new Admission.Malformed(defect.get()));
                    return;
                }
                handedIn = new HandedIn(event.submission(), bytes);
                step(event, then);
            } catch (NoSuchFileException e) {
                refuse.accept(new Admission.NotOpen("its round has ended, or it is being sent again"));
            } catch (IOException e) {
                LOG.atError().setCause(e).log("a submission could not be read back from disk");
                refuse.accept(new Admission.NotOpen("the coordinator cannot read its disk; see its log"));
            } finally {
                handedIn = null;
            }
        });
    }

    private void inOrder(Runnable work) {
        try {
            thread.execute(() -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("the federation's engine broke");
                    broken.run();
                    thread.shutdownNow();
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("an event came after the engine had stopped");
        }
    }

    private void step(FederationEvent event, Consumer<List<Effect>> then) {
        List<Effect> effects = engine.handle(event);
        effects.forEach(this::prepare);
        then.accept(effects);
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Accumulate accumulate ->
                    engine.accumulate(accumulate).ifPresent(sum -> add(accumulate.submission(), sum));
                case Effect.Release release -> step(release(release), report);
                case Effect.CloseRound closed -> discardSubmissions();
                case Effect.AgreeKeys forTheActor -> {}
                case Effect.Invite forTheActor -> {}
                case Effect.AskConfirmations forTheActor -> {}
                case Effect.AskOpenings forTheActor -> {}
                case Effect.RejectShares forTheActor -> {}
                case Effect.StartCollecting forTheActor -> {}
                case Effect.RejectSubmission forTheActor -> {}
                case Effect.RequestEvaluation forTheActor -> {}
                case Effect.RejectEvaluation forTheActor -> {}
                case Effect.ScheduleTick forTheActor -> {}
                case Effect.EndFederation forTheActor -> {}
            }
        }
    }

    private RoundEvent release(Effect.Release release) {
        return switch (engine.release(release)) {
            case ReleaseResult.Candidate candidate -> {
                try {
                    blobs.put(candidate.version().safetensors());
                    trail.released(
                            release.plan(),
                            release.contributors(),
                            candidate.version().hash());
                    yield new RoundEvent.ReleaseCommitted(
                            release.plan().id(), candidate.version().hash(), clock.instant());
                } catch (IOException e) {
                    LOG.atError().setCause(e).log("a version could not be stored and remembered");
                    yield new RoundEvent.ReleaseFailed(
                            release.plan().id(),
                            "it could not be stored and entered in the audit log; is the disk full?",
                            clock.instant());
                }
            }
            case ReleaseResult.Unusable unusable ->
                new RoundEvent.ReleaseFailed(release.plan().id(), unusable.reason(), clock.instant());
        };
    }

    /** A roster is to be had before anybody is sent its hash, and what sites are told is remembered before they are told. */
    private void prepare(Effect effect) {
        if (effect instanceof Effect.AgreeKeys agree) {
            store(agree.roster());
        } else if (effect instanceof Effect.Invite invite) {
            store(invite.roster());
            remember(() -> trail.planned(invite.plan()));
        } else if (effect instanceof Effect.CloseRound closed) {
            remember(() -> trail.closed(closed.plan(), closed.outcome()));
        }
    }

    /** Something to remember. */
    private interface Memory {
        void keep() throws IOException;
    }

    private static void remember(Memory memory) {
        try {
            memory.keep();
        } catch (IOException e) {
            // Nothing is in force by it: the release of a version, which is, fails on its own.
            LOG.atError().setCause(e).log("what happened to a round could not be remembered; is the disk full?");
        }
    }

    private void store(Roster roster) {
        if (roster.hash().equals(stored)) {
            return;
        }
        try {
            blobs.put(roster.toBytes());
            stored = roster.hash();
        } catch (IOException e) {
            // The sites will refuse what they cannot fetch, and the round is tried again.
            LOG.atError().setCause(e).log("a roster could not be stored; is the disk full?");
        }
    }

    /** Adds an update from its file, a piece at a time: what is in memory is the sum and one buffer. */
    private void add(SubmissionId submission, FederationEngine.Accumulation sum) {
        if (handedIn == null || !handedIn.submission().equals(submission)) {
            throw new IllegalStateException("the engine counts a submission that was not handed in");
        }
        SeekableByteChannel bytes = handedIn.bytes();
        try {
            ByteBuffer buffer = ByteBuffer.allocate(PIECE_BYTES);
            while (bytes.read(buffer) >= 0) {
                sum.feed(buffer.flip());
                buffer.clear();
            }
            sum.finish();
        } catch (IOException e) {
            // The engine has counted the site: bytes that are missing spoil the sum, and the round is tried again.
            LOG.atError().setCause(e).log("a submission could not be read back from disk");
            sum.fail("it could not be read back from the coordinator's disk");
        }
    }

    private void discardSubmissions() {
        try {
            spool.discardAll();
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("submissions of an ended round could not be deleted");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
