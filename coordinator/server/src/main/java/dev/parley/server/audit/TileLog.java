package dev.parley.server.audit;

import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.ConsistencyProof;
import dev.parley.privacy.transparency.EntryBundle;
import dev.parley.privacy.transparency.InclusionProof;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.NoteSignature;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.TileAddress;
import dev.parley.privacy.transparency.TiledNodes;
import dev.parley.privacy.transparency.verifier.LogFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * A log in a folder, in the layout of C2SP tlog-tiles, so that any web server serves it and any copy of it is verified.
 *
 * <p>The checkpoint is what counts. Appending writes tiles that no checkpoint points to yet, forces them to disk, and
 * then replaces the checkpoint as a whole. After a crash anywhere the log is the one before or the one after; what was
 * written and is not signed for is written over. An append costs a few waits for the disk, however many entries it
 * brings.
 *
 * <p><b>Guarantees</b>: when {@link #append} returns, the entries survive a loss of power; an entry that is read is
 * the one that was appended. <b>Does not</b> keep two processes apart: its owner holds a lock. Thread-safe.
 */
final class TileLog {
    private final Path folder;
    private final LogFiles files;
    private final NoteSigner signer;
    private final LogDisk disk;
    private LogEdge edge;
    private SignedNote head;
    private boolean torn;

    private TileLog(Path folder, NoteSigner signer, LogDisk disk, LogEdge edge, SignedNote head) {
        this.folder = folder;
        this.files = new LogFiles(folder);
        this.signer = signer;
        this.disk = disk;
        this.edge = edge;
        this.head = head;
    }

    /** Begins a log without entries. */
    static TileLog begin(Path folder, NoteSigner signer, LogDisk disk) throws IOException {
        Files.createDirectories(folder);
        if (Files.exists(folder.resolve("tile"))) {
            throw new IOException(
                    folder + " holds entries, and the key that signed for them is gone; restore it from a backup");
        }
        SignedNote head = signed(signer, LogEdge.empty());
        disk.write(folder, java.util.Map.of(LogFiles.KEY, (signer.key() + "\n").getBytes(StandardCharsets.UTF_8)));
        disk.replace(folder.resolve(LogFiles.CHECKPOINT), head.toBytes());
        return new TileLog(folder, signer, disk, LogEdge.empty(), head);
    }

    /**
     * Opens a log.
     *
     * @throws IOException if it is not there, or what is there is not what the key has signed for
     */
    static TileLog open(Path folder, NoteSigner signer, LogDisk disk) throws IOException {
        try {
            SignedNote head = SignedNote.parse(new LogFiles(folder).checkpoint());
            Checkpoint checkpoint = Checkpoint.parse(head.text());
            if (!checkpoint.origin().equals(signer.key().name()) || !head.isSignedBy(signer.key())) {
                throw damaged(folder, "its checkpoint is not signed by its key", null);
            }
            return new TileLog(folder, signer, disk, LogEdge.read(new LogFiles(folder), checkpoint), head);
        } catch (NoSuchFileException e) {
            throw damaged(folder, "there is no " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw damaged(folder, String.valueOf(e.getMessage()), e);
        }
    }

    private static IOException damaged(Path folder, String why, @org.jspecify.annotations.Nullable Exception cause) {
        return new IOException(
                "the audit log in " + folder + " is damaged: " + why
                        + ". Nothing is released without it. Restore the folder as it was last; an older copy is refused by sites",
                cause);
    }

    private static SignedNote signed(NoteSigner signer, LogEdge edge) throws IOException {
        String text = new Checkpoint(signer.key().name(), edge.size(), edge.root()).text();
        return new SignedNote(text, List.of(signer.sign(text, Instant.EPOCH)));
    }

    /**
     * Appends entries, all or none.
     *
     * @return the index of the first
     */
    synchronized long append(List<byte[]> entries) throws IOException {
        if (torn) {
            throw new IOException(
                    "the audit log could not be written before; start the coordinator again when its disk has room");
        }
        LogEdge.Appended appended = edge.with(entries);
        SignedNote next = signed(signer, appended.edge());
        disk.write(folder, appended.files());
        // From here on it may be on the disk or not: until that is known, nothing may follow.
        torn = true;
        disk.replace(folder.resolve(LogFiles.CHECKPOINT), next.toBytes());
        torn = false;
        long first = edge.size();
        edge = appended.edge();
        head = next;
        prune(appended.files().keySet().stream().filter(path -> !path.contains(".p/")));
        return first;
    }

    /** A full tile stands for its partial ones. */
    private void prune(Stream<String> full) {
        full.forEach(path -> {
            Path partial = folder.resolve(path + ".p");
            try (Stream<Path> widths = Files.isDirectory(partial) ? Files.list(partial) : Stream.empty()) {
                for (Path width : widths.toList()) {
                    Files.delete(width);
                }
                Files.deleteIfExists(partial);
            } catch (IOException e) {
                // They are superfluous, not wrong: what cannot be deleted may stay.
                org.slf4j.LoggerFactory.getLogger(TileLog.class)
                        .atWarn()
                        .setCause(e)
                        .log("superfluous tiles of the audit log could not be deleted");
            }
        });
    }

    synchronized long size() {
        return edge.size();
    }

    /** The checkpoint, as it was signed last. */
    synchronized SignedNote head() {
        return head;
    }

    NoteSigner signer() {
        return signer;
    }

    /** Adds a cosignature to the checkpoint, if it still is the one that was cosigned. */
    synchronized void cosigned(String text, NoteSignature signature) throws IOException {
        if (head.text().equals(text)
                && !head.signatures().contains(signature)
                && head.signatures().size() < SignedNote.MAX_SIGNATURES) {
            SignedNote next = head.with(signature);
            disk.replace(folder.resolve(LogFiles.CHECKPOINT), next.toBytes());
            head = next;
        }
    }

    /**
     * An entry, checked against the signed root.
     *
     * @throws IOException if the disk no longer holds what was appended
     */
    byte[] entry(long index) throws IOException {
        Checkpoint checkpoint = Checkpoint.parse(head().text());
        TileAddress bundle = TileAddress.bundleOf(index, checkpoint.size());
        byte[] entry;
        try {
            entry = EntryBundle.decode(read(bundle), bundle.width()).get((int) (index % TileAddress.FULL_WIDTH));
        } catch (IllegalArgumentException e) {
            throw damaged(folder, bundle + ": " + e.getMessage(), e);
        }
        if (!inclusion(index, checkpoint.size()).proves(MerkleTree.leafHash(entry), checkpoint.root())) {
            throw damaged(folder, "entry " + index + " is not the one that was appended", null);
        }
        return entry;
    }

    /** That entry {@code index} is in the log as it was at {@code size}. */
    InclusionProof inclusion(long index, long size) throws IOException {
        return InclusionProof.of(new TiledNodes(this::read, size), index, size);
    }

    /** That the log as it was at {@code to} continues that at {@code from}. */
    ConsistencyProof consistency(long from, long to) throws IOException {
        return ConsistencyProof.of(new TiledNodes(this::read, to), from, to);
    }

    private byte[] read(TileAddress address) throws IOException {
        return files.readOrCut(address);
    }
}
