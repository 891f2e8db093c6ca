package dev.parley.server.cluster;

import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import dev.parley.rounds.Effect;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.FederationState;
import dev.parley.rounds.OptimizerState;
import dev.parley.rounds.ReleaseResult;
import dev.parley.rounds.ReleasedVersion;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundVectors;
import dev.parley.rounds.SubmissionId;
import dev.parley.rounds.Transition;
import dev.parley.server.cluster.Failpoint.Place;
import dev.parley.server.journal.FederationRecord;
import dev.parley.server.journal.JournalEvent;
import dev.parley.server.registry.Blobs;
import dev.parley.server.registry.CountedUpdates;
import dev.parley.server.registry.SubmissionSpool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one owner of a federation's {@link RoundVectors}: a thread that follows what the journal says, in its order, and does
 * what is slow (checking and adding an update, making and storing a version). So the sum has one owner, and the actor never
 * waits for a vector or a disk.
 *
 * <p>Everything that it holds can be had again from the journal and from files that were forced to disk before the journal
 * named them: {@link #resume} does.
 */
final class EngineThread implements AutoCloseable {
    private static final int PIECE_BYTES = 64 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(EngineThread.class);

    private final FederationSpec spec;
    private final ReleasedVersion initial;
    private final Blobs blobs;
    private final SubmissionSpool spool;
    private final RoundTrail trail;
    private final CountedUpdates counted;
    private final InstantSource clock;
    private final Failpoint failpoint;
    private final Consumer<JournalEvent.Happened> say;
    private final Consumer<String> broken;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("federation-engine").factory());

    // Touched by that thread only.
    private RoundVectors vectors;
    private @Nullable ContentHash stored;

    /**
     * @param say hears of what has come of a release
     * @param broken told, with a reason for people, when something failed that must not; nothing is handled after it
     */
    EngineThread(
            FederationSpec spec,
            ParameterVector model,
            ActorFederation.Surroundings surroundings,
            Failpoint failpoint,
            Consumer<JournalEvent.Happened> say,
            Consumer<String> broken) {
        this.spec = spec;
        this.initial = ReleasedVersion.of(model);
        this.blobs = surroundings.blobs();
        this.spool = surroundings.spool();
        this.counted = surroundings.counted();
        this.trail = surroundings.trail();
        this.clock = surroundings.clock();
        this.failpoint = failpoint;
        this.say = say;
        this.broken = broken;
        this.vectors = vectors(initial, spec.optimizer().initial(model.layout()));
    }

    private RoundVectors vectors(ReleasedVersion version, OptimizerState optimizer) {
        return new RoundVectors(spec, version, optimizer, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Takes up a federation where the journal leaves it: its model, what its optimiser remembers, and the sum of the updates
     * that count in the round under way.
     *
     * @param then told when that is done, on this thread
     */
    void resume(FederationRecord.Underway record, Runnable then) {
        inOrder(() -> {
            FederationState state = record.state();
            vectors = vectors(version(state.modelHash()), optimizer(record.optimizer()));
            vectors.follow(state);
            List<Effect.Accumulate> accumulated = state.accumulated();
            accumulated.forEach(this::add);
            try {
                counted.keepOnly(accumulated.stream()
                        .map(effect -> name(effect.submission(), effect.contentHash()))
                        .collect(Collectors.toUnmodifiableSet()));
            } catch (IOException e) {
                LOG.atWarn().setCause(e).log("updates that do not count could not be deleted");
            }
            then.run();
        });
    }

    private ReleasedVersion version(ContentHash model) {
        return model.equals(initial.hash()) ? initial : ReleasedVersion.of(vector(model));
    }

    private OptimizerState optimizer(List<ContentHash> remembered) {
        return switch (remembered.size()) {
            case 0 -> spec.optimizer().initial(initial.model().layout());
            case 1 -> new OptimizerState.Velocity(vector(remembered.getFirst()));
            default -> new OptimizerState.Moments(vector(remembered.getFirst()), vector(remembered.get(1)));
        };
    }

    private ParameterVector vector(ContentHash hash) {
        try {
            return Safetensors.read(blobs.read(hash).orElseThrow(() -> new NoSuchFileException(hash.hex())));
        } catch (IOException | Safetensors.MalformedSafetensorsException e) {
            throw new LostVectorException(
                    "the journal names the blob " + hash + ", which is missing or damaged: restore it from a backup",
                    e);
        }
    }

    /** What the journal names is not there. */
    private static final class LostVectorException extends RuntimeException {
        LostVectorException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Follows an event that is in the journal; {@code then} is given what is to be done, on this thread. */
    void follow(
            FederationState before,
            FederationEvent event,
            Transition<FederationState> transition,
            Consumer<List<Effect>> then) {
        inOrder(() -> {
            vectors.follow(before, event, transition.state());
            carryOut(transition.effects(), then);
        });
    }

    /** As {@link #follow}, for an event that has changed nothing and is in no journal. */
    void answer(List<Effect> effects, Consumer<List<Effect>> then) {
        inOrder(() -> carryOut(effects, then));
    }

    /**
     * Keeps an update, on disk, that has the round's form.
     *
     * @param then told when it is kept, on this thread
     * @param refuse told instead if it does not have the form or cannot be kept
     */
    void keep(SubmissionOffer offer, Path upload, UpdateForm form, Runnable then, Consumer<Admission> refuse) {
        inOrder(() -> {
            CountedUpdates.Name name = name(offer.id(), offer.content());
            try {
                counted.keep(name, upload);
                Optional<String> defect;
                try (SeekableByteChannel bytes = counted.open(name)) {
                    defect = form.defect(bytes);
                }
                if (defect.isPresent()) {
                    counted.discard(name);
                    refuse.accept(new Admission.Malformed(defect.get()));
                    return;
                }
                failpoint.at(Place.AFTER_KEEP);
                then.run();
            } catch (NoSuchFileException e) {
                refuse.accept(new Admission.NotOpen("its round has ended, or it is being sent again"));
            } catch (IOException e) {
                LOG.atError().setCause(e).log("a submission could not be kept on disk");
                refuse.accept(new Admission.NotOpen("the coordinator cannot use its disk; see its log"));
            }
        });
    }

    /** Discards an update that was kept and does not count. */
    void drop(SubmissionOffer offer) {
        inOrder(() -> {
            try {
                counted.discard(name(offer.id(), offer.content()));
            } catch (IOException e) {
                LOG.atWarn().setCause(e).log("an update that does not count could not be deleted");
            }
        });
    }

    private static CountedUpdates.Name name(SubmissionId submission, ContentHash content) {
        return new CountedUpdates.Name(submission.toString(), content);
    }

    private void inOrder(Runnable work) {
        try {
            thread.execute(() -> {
                try {
                    work.run();
                } catch (LostVectorException e) {
                    LOG.atError().setCause(e).log("the federation cannot be taken up");
                    broken.accept(String.valueOf(e.getMessage()));
                    thread.shutdownNow();
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("the federation's engine broke");
                    broken.accept("the coordinator broke; see its log");
                    thread.shutdownNow();
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("an event came after the engine had stopped");
        }
    }

    private void carryOut(List<Effect> effects, Consumer<List<Effect>> then) {
        effects.forEach(this::prepare);
        then.accept(effects);
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Accumulate accumulate -> add(accumulate);
                case Effect.Release release -> say.accept(release(release));
                case Effect.CloseRound closed -> discardSubmissions();
                case Effect.RejectSubmission forTheActor -> {}
                case Effect.AgreeKeys forTheActor -> {}
                case Effect.Invite forTheActor -> {}
                case Effect.AskConfirmations forTheActor -> {}
                case Effect.AskOpenings forTheActor -> {}
                case Effect.RejectShares forTheActor -> {}
                case Effect.StartCollecting forTheActor -> {}
                case Effect.RequestEvaluation forTheActor -> {}
                case Effect.RejectEvaluation forTheActor -> {}
                case Effect.ScheduleTick forTheActor -> {}
                case Effect.EndFederation forTheActor -> {}
            }
        }
    }

    private JournalEvent.Happened release(Effect.Release release) {
        return switch (vectors.release(release)) {
            case ReleaseResult.Candidate candidate -> {
                try {
                    blobs.put(candidate.version().safetensors());
                    List<ContentHash> optimizer = store(vectors.prepared().orElseThrow());
                    trail.released(
                            release.plan(),
                            release.contributors(),
                            candidate.version().hash());
                    failpoint.at(Place.AFTER_STORE);
                    yield new JournalEvent.Happened(
                            new RoundEvent.ReleaseCommitted(
                                    release.plan().id(), candidate.version().hash(), clock.instant()),
                            optimizer);
                } catch (IOException e) {
                    LOG.atError().setCause(e).log("a version could not be stored and remembered");
                    yield failed(release, "it could not be stored and entered in the audit log; is the disk full?");
                }
            }
            case ReleaseResult.Unusable unusable -> failed(release, unusable.reason());
        };
    }

    private JournalEvent.Happened failed(Effect.Release release, String reason) {
        return new JournalEvent.Happened(
                new RoundEvent.ReleaseFailed(release.plan().id(), reason, clock.instant()), List.of());
    }

    private List<ContentHash> store(OptimizerState optimizer) throws IOException {
        return switch (optimizer) {
            case OptimizerState.Stateless nothing -> List.of();
            case OptimizerState.Velocity velocity -> List.of(store(velocity.velocity()));
            case OptimizerState.Moments moments -> List.of(store(moments.first()), store(moments.second()));
        };
    }

    private ContentHash store(ParameterVector vector) throws IOException {
        return blobs.put(Safetensors.write(vector, Map.of()));
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

    private void add(Effect.Accumulate accumulate) {
        vectors.accumulate(accumulate)
                .ifPresent(sum -> add(name(accumulate.submission(), accumulate.contentHash()), sum));
    }

    /** Adds an update from its file, a piece at a time: what is in memory is the sum and one buffer. */
    private void add(CountedUpdates.Name name, RoundVectors.Accumulation sum) {
        try (SeekableByteChannel bytes = counted.open(name)) {
            MessageDigest digest = ContentHash.newDigest();
            ByteBuffer buffer = ByteBuffer.allocate(PIECE_BYTES);
            while (bytes.read(buffer) >= 0) {
                digest.update(buffer.flip().duplicate());
                sum.feed(buffer);
                buffer.clear();
            }
            if (ContentHash.ofDigest(digest.digest()).equals(name.content())) {
                sum.finish();
            } else {
                sum.fail("its bytes on the coordinator's disk are no longer those that were handed in");
            }
        } catch (IOException e) {
            // The journal counts the site: bytes that are missing spoil the sum, and the round is tried again.
            LOG.atError().setCause(e).log("a submission could not be read back from disk");
            sum.fail("it could not be read back from the coordinator's disk");
        }
    }

    private void discardSubmissions() {
        try {
            spool.discardAll();
            counted.keepOnly(Set.of());
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("submissions of an ended round could not be deleted");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
