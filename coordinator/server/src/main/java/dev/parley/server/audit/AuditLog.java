package dev.parley.server.audit;

import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.InclusionProof;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSignature;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.SigningSeed;
import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.transparency.event.SignedStatement;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's audit log: events in, proofs out.
 *
 * <p><b>Guarantees</b>: when {@link #enter} returns, the event is on disk and signed for. What happens once for a
 * round is entered once, however often it is told: a replay after a crash changes nothing, and a second account that
 * differs is refused. <b>Does not</b> judge events. Thread-safe; events that come at the same time share one wait for
 * the disk.
 */
public final class AuditLog {
    /** Entries that are looked through at the start for what happened in rounds: replays are of the last ones. */
    private static final int REMEMBERED = 10_000;

    /** Checkpoints whose cosignatures are still taken. */
    private static final int AWAITED = 64;

    private final TileLog log;
    private final Path checkpoints;
    private final LogDisk disk;
    private final InstantSource clock;
    /** Fair: who has just committed waits behind those that it has entered, so that the next commit is shared again. */
    private final ReentrantLock committing = new ReentrantLock(true);

    private final List<Pending> queue = new ArrayList<>();
    private final Map<String, Entered> once = new HashMap<>();
    /** Of each round the last release, without the plan's hash, which who asks for it may not know. */
    private final Map<String, Entered> releases = new HashMap<>();

    /** Checkpoints that sites were shown, by size. */
    private final Map<Long, SignedNote> shown = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, SignedNote> eldest) {
            return size() > AWAITED;
        }
    };

    private @Nullable Continuation lastContinuation;

    private AuditLog(TileLog log, Path checkpoints, LogDisk disk, InstantSource clock) {
        this.log = log;
        this.checkpoints = checkpoints;
        this.disk = disk;
        this.clock = clock;
    }

    private record Entered(long index, ContentHash content) {}

    private static final class Pending {
        private final AuditEvent event;
        private long index = -1;
        private @Nullable IOException failure;

        Pending(AuditEvent event) {
            this.event = event;
        }

        boolean isDone() {
            return index >= 0 || failure != null;
        }

        long index() throws IOException {
            if (failure != null) {
                throw new IOException(failure.getMessage(), failure);
            }
            return index;
        }
    }

    /**
     * What a site is shown: the log's checkpoint, and that it continues the one that the site has seen.
     *
     * @param from entries that the site has seen
     */
    public record Continuation(long from, Checkpoint checkpoint, SignedNote note, List<ContentHash> path) {}

    /** An entry and that it is in the log as it was at the proof's size. */
    public record ProvedEntry(byte[] entry, InclusionProof proof) {}

    /**
     * Opens the log in {@code folder}, or begins one there if there is no key for one.
     *
     * @param keyFile where its key is, apart from what is published
     * @param name of a new log
     */
    public static AuditLog open(Path folder, Path keyFile, String name, InstantSource clock) throws IOException {
        return open(folder, keyFile, name, clock, LogDisk.REAL);
    }

    static AuditLog open(Path folder, Path keyFile, String name, InstantSource clock, LogDisk disk) throws IOException {
        LogKeyFile file = new LogKeyFile(keyFile);
        Optional<NoteSigner> known = file.read();
        TileLog log;
        if (known.isPresent()) {
            log = TileLog.open(folder, known.get(), disk);
        } else {
            SigningSeed seed = SigningSeed.generate(new SecureRandom());
            log = TileLog.begin(folder, LogKeyFile.signer(name, seed), disk);
            // Last: a key says that its log is there.
            file.write(name, seed);
        }
        AuditLog opened = new AuditLog(log, folder.resolve("checkpoints"), disk, clock);
        opened.remember();
        return opened;
    }

    private void remember() throws IOException {
        for (long index = Math.max(0, log.size() - REMEMBERED); index < log.size(); index++) {
            AuditEvent event = AuditEntry.parse(log.entry(index)).event();
            long at = index;
            remember(event, at);
        }
    }

    private void remember(AuditEvent event, long index) {
        Entered entered = new Entered(index, content(event));
        identity(event).ifPresent(identity -> once.put(identity, entered));
        if (event instanceof AuditEvent.RoundReleased released) {
            AuditEvent.Round round = released.round();
            releases.put(name(round.federation(), round.round(), round.attempt()), entered);
        }
    }

    private static String name(String federation, int round, int attempt) {
        return federation + "/" + round + "/" + attempt;
    }

    /** By what an event is known again; empty for what may happen any number of times. */
    private static Optional<String> identity(AuditEvent event) {
        Optional<AuditEvent.Round> round = switch (event) {
            case AuditEvent.RoundPlanned planned -> Optional.of(planned.round());
            case AuditEvent.RoundReleased released -> Optional.of(released.round());
            case AuditEvent.RoundAbandoned abandoned -> Optional.of(abandoned.round());
            case AuditEvent.VersionEvaluated evaluated -> Optional.of(evaluated.round());
            case AuditEvent.FederationStarted started -> Optional.empty();
            case AuditEvent.SiteEnrolled enrolled -> Optional.empty();
            case AuditEvent.Other other -> Optional.empty();
        };
        return round.map(which -> event.type() + " " + which.plan());
    }

    private static ContentHash content(AuditEvent event) {
        return ContentHash.of(event.fields().toBytes());
    }

    /** The log's public key. */
    public NoteKey key() {
        return log.signer().key();
    }

    /** Signs a statement about a version with the log's key. */
    public SignedStatement sign(byte[] statement) {
        return SignedStatement.sign(statement, log.signer());
    }

    /** Entries so far. */
    public long size() {
        return log.size();
    }

    /**
     * Enters an event.
     *
     * @return its index, or the earlier one's if it was entered before
     * @throws IOException if it is not entered: for want of a disk, or since another account of the same was
     */
    public long enter(AuditEvent event) throws IOException {
        Pending pending = new Pending(event);
        synchronized (queue) {
            queue.add(pending);
        }
        committing.lock();
        try {
            if (!pending.isDone()) {
                List<Pending> batch;
                synchronized (queue) {
                    batch = List.copyOf(queue);
                    queue.clear();
                }
                commit(batch);
            }
        } finally {
            committing.unlock();
        }
        return pending.index();
    }

    /** Answers every one of them. */
    private void commit(List<Pending> batch) {
        try {
            List<Pending> fresh = new ArrayList<>();
            List<Pending> repeated = new ArrayList<>();
            Set<String> told = new HashSet<>();
            for (Pending pending : batch) {
                Optional<String> identity = identity(pending.event);
                boolean again = identity.isPresent() && (once.containsKey(identity.get()) || !told.add(identity.get()));
                (again ? repeated : fresh).add(pending);
            }
            append(fresh);
            for (Pending pending : repeated) {
                answer(pending);
            }
        } catch (IOException | RuntimeException e) {
            IOException failure = e instanceof IOException known ? known : new IOException(e.getMessage(), e);
            batch.stream().filter(pending -> !pending.isDone()).forEach(pending -> pending.failure = failure);
        }
    }

    private void append(List<Pending> fresh) throws IOException {
        if (fresh.isEmpty()) {
            return;
        }
        long index = log.append(fresh.stream()
                .map(pending -> new AuditEntry(clock.instant(), pending.event).toBytes())
                .toList());
        for (Pending pending : fresh) {
            pending.index = index++;
            remember(pending.event, pending.index);
        }
    }

    /** To what was told before, or in the same batch. */
    private void answer(Pending pending) {
        String identity = identity(pending.event).orElseThrow();
        Entered before = once.get(identity);
        if (before != null && before.content().equals(content(pending.event))) {
            pending.index = before.index();
        } else {
            pending.failure = new IOException("another account of the same (" + identity + ") is in the audit log");
        }
    }

    /** Whether an event with this identity was entered, with whatever content. */
    public boolean has(AuditEvent event) {
        committing.lock();
        try {
            return identity(event).map(once::containsKey).orElse(false);
        } finally {
            committing.unlock();
        }
    }

    /**
     * What to show a site that has seen {@code from} entries. The checkpoint shown is remembered, so that its
     * cosignatures are taken.
     *
     * @throws IllegalArgumentException if the log has fewer entries: the site has seen another log
     */
    public Continuation since(long from) throws IOException {
        SignedNote note = log.head();
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        if (from < 0 || from > checkpoint.size()) {
            throw new IllegalArgumentException(
                    "the site has seen " + Long.toUnsignedString(from) + " entries, this log has " + checkpoint.size());
        }
        synchronized (shown) {
            Continuation last = lastContinuation;
            // Most sites have seen the same.
            if (last != null && last.from() == from && last.checkpoint().equals(checkpoint)) {
                return last;
            }
            Continuation next = new Continuation(
                    from,
                    checkpoint,
                    note,
                    log.consistency(from, checkpoint.size()).path());
            shown.putIfAbsent(checkpoint.size(), note);
            lastContinuation = next;
            return next;
        }
    }

    /**
     * The entry that released a round's version, proved in the log as it was at {@code size}; empty if none there did.
     */
    public Optional<ProvedEntry> release(String federation, int round, int attempt, long size) throws IOException {
        Entered entered;
        committing.lock();
        try {
            entered = releases.get(name(federation, round, attempt));
        } finally {
            committing.unlock();
        }
        return entered == null || entered.index() >= size
                ? Optional.empty()
                : Optional.of(new ProvedEntry(log.entry(entered.index()), log.inclusion(entered.index(), size)));
    }

    /**
     * Takes a site's cosignature of a checkpoint that it was shown.
     *
     * @return whether it was one; a wrong one is dropped
     */
    public boolean cosigned(long size, NoteKey witness, NoteSignature signature) throws IOException {
        SignedNote note;
        synchronized (shown) {
            note = shown.get(size);
            if (note == null || !witness.verifies(note.text(), signature)) {
                return false;
            }
            boolean known = note.signatures().stream().anyMatch(witness::isNamedBy);
            if (known || note.signatures().size() >= SignedNote.MAX_SIGNATURES) {
                return true;
            }
            note = note.with(signature);
            shown.put(size, note);
            Files.createDirectories(checkpoints);
            disk.replace(checkpoints.resolve(Long.toString(size)), note.toBytes());
        }
        log.cosigned(note.text(), signature);
        return true;
    }
}
