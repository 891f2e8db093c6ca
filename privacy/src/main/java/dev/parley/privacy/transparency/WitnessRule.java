package dev.parley.privacy.transparency;

import dev.parley.privacy.update.ContentHash;
import java.util.List;

/**
 * The rule of a witness: sign only what continues what was signed before. Two sites that keep to it and compare what
 * they have signed know that they were shown one log; a log that shows two is refused by at least one of them the next
 * time.
 *
 * <p><b>Guarantees</b>: along accepted checkpoints no entry is changed, dropped or moved. <b>Does not</b> tell whether
 * entries are true, or whether something was never entered.
 *
 * @param log the log's key, as it was pinned
 * @param last what was last accepted; the checkpoint of size 0 at first
 */
public record WitnessRule(NoteKey log, Checkpoint last) {
    /** @throws IllegalArgumentException if the checkpoint is another log's */
    public WitnessRule {
        if (!last.origin().equals(log.name())) {
            throw new IllegalArgumentException("the log is " + log.name() + ", the checkpoint is of " + last.origin());
        }
    }

    /** A witness that has seen nothing yet. */
    public static WitnessRule beginning(NoteKey log) {
        return new WitnessRule(log, new Checkpoint(log.name(), 0, MerkleTree.EMPTY_ROOT));
    }

    /** What came of a note. */
    public sealed interface Judgement {
        /** It continues the last one; to be kept durably before anything is signed. */
        record Accepted(SignedNote note, Checkpoint checkpoint) implements Judgement {}

        /** It is not to be signed. The note is evidence. */
        record Refused(Reason reason, String explanation) implements Judgement {}
    }

    /** Why a note is refused. */
    public enum Reason {
        /** It is no checkpoint, or its proof is none. */
        MALFORMED,
        /** The pinned key has not signed it. */
        NOT_THE_LOGS,
        /** It has fewer entries than were seen. */
        ROLLED_BACK,
        /** As many entries as were seen, and they are others. */
        SPLIT_VIEW,
        /** More entries than were seen, and it is not shown that the first ones are those. */
        NOT_CONTINUED
    }

    /** @param path of the consistency proof from {@link #last} to the note's checkpoint */
    public Judgement judge(byte[] note, List<ContentHash> path) {
        SignedNote signed;
        Checkpoint next;
        try {
            signed = SignedNote.parse(note);
            next = Checkpoint.parse(signed.text());
        } catch (IllegalArgumentException e) {
            return new Judgement.Refused(Reason.MALFORMED, String.valueOf(e.getMessage()));
        }
        if (!next.origin().equals(log.name()) || !signed.isSignedBy(log)) {
            return new Judgement.Refused(
                    Reason.NOT_THE_LOGS,
                    "a checkpoint that names itself " + next.origin() + " is not signed by the pinned key " + log);
        }
        if (next.size() < last.size()) {
            return new Judgement.Refused(
                    Reason.ROLLED_BACK,
                    "the log is signed with " + next.size() + " entries, it had " + last.size()
                            + ": entries were taken away");
        }
        if (new ConsistencyProof(last.size(), next.size(), path).proves(last.root(), next.root())) {
            return new Judgement.Accepted(signed, next);
        }
        return next.size() == last.size()
                ? new Judgement.Refused(
                        Reason.SPLIT_VIEW,
                        "two logs of " + last.size() + " entries are signed, with roots " + last.root() + " and "
                                + next.root())
                : new Judgement.Refused(
                        Reason.NOT_CONTINUED,
                        "it is not shown that the log of " + next.size() + " entries with root " + next.root()
                                + " continues the one of " + last.size() + " entries with root " + last.root());
    }

    /** The rule after an accepted checkpoint. */
    public WitnessRule after(Judgement.Accepted accepted) {
        return new WitnessRule(log, accepted.checkpoint());
    }
}
