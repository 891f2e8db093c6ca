package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.SignedNote;
import java.util.List;
import java.util.Optional;

/**
 * What the verifier is told from outside, and believes.
 *
 * @param log the log's key; empty to take the one that lies with the files, which proves less
 * @param witnesses keys of those whose cosignatures count
 * @param needed how many of them must have cosigned
 * @param since a checkpoint that was kept from before
 */
public record Trust(Optional<NoteKey> log, List<NoteKey> witnesses, int needed, Optional<SignedNote> since) {
    /** @throws IllegalArgumentException if more cosignatures are needed than witnesses are named */
    public Trust {
        witnesses = List.copyOf(witnesses);
        if (needed < 0 || needed > witnesses.size()) {
            throw new IllegalArgumentException(
                    needed + " cosignatures are needed, and " + witnesses.size() + " witnesses named");
        }
    }

    /** Trust in one key. */
    public static Trust in(NoteKey log) {
        return new Trust(Optional.of(log), List.of(), 0, Optional.empty());
    }

    /**
     * Opens a checkpoint: its signature, and its cosignatures. Empty, with the reason among the findings, if it is not
     * the log's.
     */
    Optional<Checkpoint> open(SignedNote note, NoteKey found, Findings findings) {
        NoteKey key = log.orElse(found);
        Checkpoint checkpoint;
        try {
            checkpoint = Checkpoint.parse(note.text());
        } catch (IllegalArgumentException e) {
            findings.refuted("checkpoint", "The checkpoint is none: " + e.getMessage() + ".");
            return Optional.empty();
        }
        if (!checkpoint.origin().equals(key.name()) || !note.isSignedBy(key)) {
            findings.refuted(
                    "checkpoint",
                    "The checkpoint of " + checkpoint.origin() + " is not signed by the key " + key
                            + ": it was changed, or is of another log.");
            return Optional.empty();
        }
        findings.proved(
                "checkpoint",
                "The key " + key + " has signed a log of " + checkpoint.size() + " entries with root "
                        + checkpoint.root() + ".");
        if (log.isEmpty()) {
            findings.notProved(
                    "key",
                    "Whose key that is: it was found beside the log. Get it another way, such as from a site's agent, and "
                            + "give it with --key.");
        }
        cosignatures(note, findings);
        return Optional.of(checkpoint);
    }

    private void cosignatures(SignedNote note, Findings findings) {
        List<NoteKey> signed = witnesses.stream().filter(note::isSignedBy).toList();
        int others = note.signatures().size() - 1 - signed.size();
        if (!witnesses.isEmpty()) {
            String sentence = signed.size() + " of the " + witnesses.size()
                    + " named witnesses have cosigned this checkpoint, " + needed + " needed.";
            if (signed.size() >= needed) {
                findings.proved("witnesses", sentence);
            } else {
                findings.refuted("witnesses", sentence);
            }
        }
        if (signed.isEmpty()) {
            findings.notProved(
                    "split-view",
                    "That others were shown the same log: no cosignature was checked"
                            + (others > 0 ? ", though " + others + " lie with the checkpoint" : "")
                            + ". Name witnesses with --witness, or compare the root with what a site has kept.");
        }
    }
}
