package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.ConsistencyProof;
import dev.parley.privacy.transparency.EntryBundle;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.TileAddress;
import dev.parley.privacy.transparency.TiledNodes;
import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.update.ContentHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Verifies a whole log from its files: computes every hash anew from the entries, compares every tile byte by byte
 * with what it computed, and the root with what is signed. Memory is that of one bundle and a 256th of the hashes,
 * however long the log is.
 */
public final class LogVerification {
    private final LogSource files;
    private final Trust trust;
    private final Findings findings = new Findings();
    private final HistoryRules history = new HistoryRules();

    /** For tile levels from 1: the hashes of the row, made from the full tiles of the level below. */
    private final List<ByteArrayOutputStream> rows = new ArrayList<>();

    private byte[] lastLeaves = new byte[0];
    private Optional<String> oddity = Optional.empty();

    private LogVerification(LogSource files, Trust trust) {
        this.files = files;
        this.trust = trust;
    }

    /** A file that is not as it must be. */
    private static final class BrokenLogException extends Exception {
        BrokenLogException(String sentence) {
            super(sentence);
        }
    }

    /**
     * @throws IOException if files are there that cannot be read; what is missing or malformed is in the report instead
     */
    public static Report verify(LogSource files, Trust trust) throws IOException {
        LogVerification verification = new LogVerification(files, trust);
        verification.run();
        return verification.findings.done();
    }

    private void run() throws IOException {
        SignedNote note;
        NoteKey key;
        try {
            note = SignedNote.parse(files.checkpoint());
            key = key();
        } catch (NoSuchFileException e) {
            findings.refuted(
                    "checkpoint", "There is no file " + e.getMessage() + ": this is no log, or it was taken away.");
            return;
        } catch (IllegalArgumentException e) {
            findings.refuted("checkpoint", "Checkpoint or key cannot be read: " + e.getMessage() + ".");
            return;
        }
        Optional<Checkpoint> opened = trust.open(note, key, findings);
        if (opened.isEmpty()) {
            return;
        }
        Checkpoint checkpoint = opened.get();
        try {
            readAll(checkpoint);
        } catch (BrokenLogException e) {
            findings.refuted("entries", String.valueOf(e.getMessage()));
            return;
        }
        findings.proved(
                "entries",
                "The files hold exactly the " + checkpoint.size() + " entries that are signed for (" + history.summary()
                        + "): none changed, dropped, added or moved.");
        oddity.ifPresentOrElse(
                sentence -> findings.refuted("history", "The entries contradict each other: " + sentence + "."),
                () -> findings.proved(
                        "history", "Every release follows its plan, from the version that was in force, once."));
        since(checkpoint);
        findings.notProved(
                "truth",
                "That entries are true, that nothing was left out when it happened, and that times are right: no log can.");
    }

    private NoteKey key() throws IOException {
        return trust.log().isPresent() ? trust.log().get() : NoteKey.parse(files.key());
    }

    private void readAll(Checkpoint checkpoint) throws IOException, BrokenLogException {
        long size = checkpoint.size();
        for (long index = 0; index * TileAddress.FULL_WIDTH < size; index++) {
            TileAddress bundle = TileAddress.bundleOf(index * TileAddress.FULL_WIDTH, size);
            List<byte[]> entries = entries(bundle);
            byte[] leaves = leaves(entries);
            compare(TileAddress.hashesAt(0, index, size), leaves);
            for (int i = 0; i < entries.size(); i++) {
                see(index * TileAddress.FULL_WIDTH + i, entries.get(i));
            }
            if (bundle.isFull()) {
                addToRow(1, leaves);
            }
            lastLeaves = leaves;
        }
        for (int level = 1; level <= rows.size(); level++) {
            byte[] row = rows.get(level - 1).toByteArray();
            int tileBytes = TileAddress.FULL_WIDTH * ContentHash.SIZE_BYTES;
            for (int from = 0; from < row.length; from += tileBytes) {
                byte[] tile = Arrays.copyOfRange(row, from, Math.min(row.length, from + tileBytes));
                compare(TileAddress.hashesAt(level, from / tileBytes, size), tile);
            }
        }
        ContentHash root = MerkleTree.root(nodes(size), size);
        if (!root.equals(checkpoint.root())) {
            throw new BrokenLogException("The entries have root " + root + ", signed is " + checkpoint.root()
                    + ": entries were changed, dropped or moved.");
        }
    }

    private List<byte[]> entries(TileAddress bundle) throws IOException, BrokenLogException {
        try {
            return EntryBundle.decode(read(bundle), bundle.width());
        } catch (IllegalArgumentException e) {
            throw new BrokenLogException(bundle + " is damaged: " + e.getMessage() + ".");
        }
    }

    private static byte[] leaves(List<byte[]> entries) {
        byte[] leaves = new byte[entries.size() * ContentHash.SIZE_BYTES];
        for (int i = 0; i < entries.size(); i++) {
            System.arraycopy(
                    MerkleTree.leafHash(entries.get(i)), 0, leaves, i * ContentHash.SIZE_BYTES, ContentHash.SIZE_BYTES);
        }
        return leaves;
    }

    private void see(long index, byte[] entry) {
        if (oddity.isPresent()) {
            return;
        }
        try {
            oddity = history.see(AuditEntry.parse(entry)).map(wrong -> "entry " + index + ": " + wrong);
        } catch (IllegalArgumentException e) {
            oddity = Optional.of("entry " + index + " is not written as entries are: " + e.getMessage());
        }
    }

    private void compare(TileAddress address, byte[] computed) throws IOException, BrokenLogException {
        if (!Arrays.equals(read(address), computed)) {
            throw new BrokenLogException(
                    address + " does not have the hashes of the entries below it: one of the two was changed.");
        }
    }

    private byte[] read(TileAddress address) throws IOException, BrokenLogException {
        try {
            return files.readOrCut(address);
        } catch (NoSuchFileException e) {
            throw new BrokenLogException(address + " is missing: the log was truncated, or not copied whole.");
        }
    }

    /** Puts the root of a full tile of the level below into the row of {@code level}. */
    private void addToRow(int level, byte[] tile) {
        if (rows.size() < level) {
            rows.add(new ByteArrayOutputStream());
        }
        ByteArrayOutputStream row = rows.get(level - 1);
        row.writeBytes(TiledNodes.rootOf(tile));
        if (row.size() % (TileAddress.FULL_WIDTH * ContentHash.SIZE_BYTES) == 0) {
            byte[] full = row.toByteArray();
            addToRow(level + 1, Arrays.copyOfRange(full, full.length - tile.length, full.length));
        }
    }

    /** Nodes out of what was computed, not out of what was read. */
    private MerkleTree.CompleteNodes nodes(long size) {
        return new TiledNodes(
                address -> {
                    if (address.level() == 0) {
                        return lastLeaves;
                    }
                    byte[] row = rows.get(address.level() - 1).toByteArray();
                    int from = Math.toIntExact(address.index() * TileAddress.FULL_WIDTH * ContentHash.SIZE_BYTES);
                    return Arrays.copyOfRange(row, from, from + address.width() * ContentHash.SIZE_BYTES);
                },
                size);
    }

    private void since(Checkpoint checkpoint) throws IOException {
        if (trust.since().isEmpty()) {
            findings.notProved(
                    "rollback",
                    "That the log was not cut back to this checkpoint: give one that was kept from before with --since.");
            return;
        }
        NoteKey key = key();
        Optional<Checkpoint> earlier = Trust.in(key).open(trust.since().get(), key, new Findings());
        if (earlier.isEmpty()) {
            findings.refuted("rollback", "The checkpoint given with --since is not this log's.");
        } else if (earlier.get().size() <= checkpoint.size() && continues(earlier.get(), checkpoint)) {
            findings.proved(
                    "rollback",
                    "The log continues the one of " + earlier.get().size() + " entries that was kept from before.");
        } else {
            findings.refuted(
                    "rollback",
                    "The log does not continue the one of " + earlier.get().size() + " entries with root "
                            + earlier.get().root()
                            + " that was kept from before, and both are signed: it was rolled back, or "
                            + "there are two. Keep both checkpoints: they prove it.");
        }
    }

    private boolean continues(Checkpoint earlier, Checkpoint checkpoint) throws IOException {
        return ConsistencyProof.of(
                        new TiledNodes(files::readOrCut, checkpoint.size()), earlier.size(), checkpoint.size())
                .proves(earlier.root(), checkpoint.root());
    }
}
