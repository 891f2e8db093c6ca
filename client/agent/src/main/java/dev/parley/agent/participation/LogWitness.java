package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.agent.storage.WitnessBook;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.LogContinuation;
import dev.parley.contract.v1.LogCosignature;
import dev.parley.contract.v1.LogEntry;
import dev.parley.contract.v1.RoundClosed;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.InclusionProof;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.WitnessName;
import dev.parley.privacy.transparency.WitnessRule;
import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The site as a witness of the coordinator's audit log: keeps the last checkpoint, signs each next one only if it
 * continues that, and accepts a release only with its entry. What it refuses once it refuses for good: the refusal is
 * kept, with the checkpoint that it is about, until the site's owner has looked at it.
 *
 * <p>A site that was given the log's key when it enrolled demands the log; one that was given none has nothing to hold
 * it to, and neither signs nor demands. Called from one thread at a time.
 */
public final class LogWitness {
    private static final int MAX_PATH = 64;

    private final SiteIdentityKey identity;
    private final WitnessBook book;
    private final InstantSource clock;

    public LogWitness(SiteIdentityKey identity, WitnessBook book, InstantSource clock) {
        this.identity = identity;
        this.book = book;
        this.clock = clock;
    }

    /** The log is not the one that it was, or says nothing of what it must. */
    static final class RefusedLogException extends Exception {
        RefusedLogException(String message) {
            super(message);
        }
    }

    /** Why the log was refused before, if it was. */
    public Optional<String> refusal() {
        return Optional.of(book.kept().refusal()).filter(why -> !why.isEmpty());
    }

    /** By which this site's cosignatures verify. */
    public NoteKey key() {
        return WitnessName.keyOf(identity.identity());
    }

    /** Pins the log's key, once. */
    public void pin(String key) throws IOException {
        WitnessBook.Kept kept = book.kept();
        if (kept.key().isEmpty()) {
            book.keep(new WitnessBook.Kept(NoteKey.parse(key).toString(), "", "", ""));
        } else if (!kept.key().equals(NoteKey.parse(key).toString())) {
            throw new IllegalArgumentException("the audit log's key is pinned as " + kept.key() + ", shown was " + key);
        }
    }

    /** Entries that were seen. */
    long seen() {
        String note = book.kept().checkpoint();
        return note.isEmpty() ? 0 : checkpoint(note).size();
    }

    private static Checkpoint checkpoint(String note) {
        return Checkpoint.parse(
                SignedNote.parse(note.getBytes(StandardCharsets.UTF_8)).text());
    }

    /**
     * Judges a checkpoint, keeps it, and signs it.
     *
     * @return what to say to the coordinator; nothing if the log's key is not known
     * @throws RefusedLogException if it must not be signed; that is kept
     * @throws IOException if it could not be kept, so that it is not signed
     */
    Optional<AgentMessage> grow(LogContinuation shown) throws RefusedLogException, IOException {
        byte[] note = shown.getCheckpoint().toByteArray();
        WitnessBook.Kept kept = book.kept();
        if (kept.key().isEmpty()) {
            return Optional.empty();
        }
        NoteKey log = NoteKey.parse(kept.key());
        WitnessRule rule = kept.checkpoint().isEmpty()
                ? WitnessRule.beginning(log)
                : new WitnessRule(log, checkpoint(kept.checkpoint()));
        if (shown.getConsistencyCount() > MAX_PATH
                || shown.getConsistencyList().stream().anyMatch(hash -> hash.size() != ContentHash.SIZE_BYTES)) {
            throw refused("a proof of consistency is up to " + MAX_PATH + " hashes", note);
        }
        return switch (rule.judge(note, hashes(shown.getConsistencyList()))) {
            case WitnessRule.Judgement.Refused refused ->
                throw refused(refused.reason() + ": " + refused.explanation(), note);
            case WitnessRule.Judgement.Accepted accepted -> {
                book.keep(book.kept().accepted(accepted.note().toString()));
                NoteSigner signer = new NoteSigner(key(), identity::signBriefly);
                yield Optional.of(AgentMessage.newBuilder()
                        .setCosignature(LogCosignature.newBuilder()
                                .setSize(accepted.checkpoint().size())
                                .setSignature(ByteString.copyFromUtf8(
                                        signer.sign(accepted.note().text(), clock.instant())
                                                .toString())))
                        .build());
            }
        };
    }

    /**
     * Judges a release.
     *
     * @throws RefusedLogException if the log that was shown last has no entry of it; that is kept
     */
    void release(RoundClosed closed) throws RefusedLogException {
        WitnessBook.Kept kept = book.kept();
        if (kept.key().isEmpty()) {
            return; // enrolled with a coordinator that has no log; nothing was promised
        }
        byte[] note = kept.checkpoint().getBytes(StandardCharsets.UTF_8);
        if (kept.checkpoint().isEmpty() || !closed.getReleased().hasLogEntry()) {
            throw refused("round " + closed.getRound() + " was released without an entry in the audit log", note);
        }
        LogEntry entry = closed.getReleased().getLogEntry();
        if (!isThatRelease(entry, closed) || !isIncluded(entry, checkpoint(kept.checkpoint()))) {
            throw refused(
                    "round " + closed.getRound()
                            + " was released, and the entry shown for it is of something else or not in the log",
                    note);
        }
    }

    private static boolean isThatRelease(LogEntry entry, RoundClosed closed) {
        try {
            return AuditEntry.parse(entry.getEntry().toByteArray()).event() instanceof AuditEvent.RoundReleased released
                    && released.round().round() == closed.getRound()
                    && released.round().attempt() == closed.getAttempt()
                    && ByteString.copyFrom(released.version().bytes())
                            .equals(closed.getReleased().getModelHash());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isIncluded(LogEntry entry, Checkpoint checkpoint) {
        if (entry.getPathCount() > MAX_PATH
                || entry.getPathList().stream().anyMatch(hash -> hash.size() != ContentHash.SIZE_BYTES)
                || entry.getIndex() < 0
                || entry.getIndex() >= checkpoint.size()) {
            return false;
        }
        return new InclusionProof(entry.getIndex(), checkpoint.size(), hashes(entry.getPathList()))
                .proves(MerkleTree.leafHash(entry.getEntry().toByteArray()), checkpoint.root());
    }

    private static List<ContentHash> hashes(List<ByteString> digests) {
        return digests.stream()
                .map(digest -> ContentHash.ofDigest(digest.toByteArray()))
                .toList();
    }

    private RefusedLogException refused(String why, byte[] evidence) {
        try {
            book.keep(book.kept().refused(why, new String(evidence, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            return new RefusedLogException(why + "; and that could not be kept on disk: " + e.getMessage());
        }
        return new RefusedLogException(why);
    }
}
