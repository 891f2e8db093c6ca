package dev.parley.server.audit;

import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.EntryBundle;
import dev.parley.privacy.transparency.InclusionProof;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.TileAddress;
import dev.parley.privacy.transparency.TiledNodes;
import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.transparency.event.SignedStatement;
import dev.parley.privacy.transparency.event.VersionStory;
import dev.parley.privacy.transparency.verifier.LogFiles;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.registry.Blobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A log's folder, read beside the coordinator that may be writing it. The checkpoint is read first: what it covers
 * does not change.
 */
final class LogReader {
    private final Path folder;
    private final LogFiles files;
    private final NoteKey key;
    private final SignedNote note;
    private final Checkpoint checkpoint;

    private LogReader(Path folder, LogFiles files, NoteKey key, SignedNote note) {
        this.folder = folder;
        this.files = files;
        this.key = key;
        this.note = note;
        this.checkpoint = Checkpoint.parse(note.text());
    }

    /** @throws IllegalArgumentException if the folder's checkpoint or key is none */
    static LogReader open(Path folder) throws IOException {
        LogFiles files = new LogFiles(folder);
        return new LogReader(folder, files, NoteKey.parse(files.key()), SignedNote.parse(files.checkpoint()));
    }

    NoteKey key() {
        return key;
    }

    SignedNote note() {
        return note;
    }

    /** An entry at its place. */
    record Placed(long index, byte[] bytes, AuditEntry entry) {}

    /** Entries from {@code from} on, at most {@code most}. */
    List<Placed> entries(long from, long most) throws IOException {
        List<Placed> entries = new ArrayList<>();
        long to = Math.min(checkpoint.size(), from + most);
        long index = from;
        while (index < to) {
            TileAddress bundle = TileAddress.bundleOf(index, checkpoint.size());
            List<byte[]> read = EntryBundle.decode(files.readOrCut(bundle), bundle.width());
            for (int at = (int) (index % TileAddress.FULL_WIDTH); at < read.size() && index < to; at++) {
                entries.add(new Placed(index++, read.get(at), AuditEntry.parse(read.get(at))));
            }
        }
        return entries;
    }

    /**
     * The story of a released version: the last release of it, its plan, and its scores if there are any.
     *
     * @return empty if the log has no release of it
     * @throws IOException if the manifest is not among the blobs, or files cannot be read
     */
    Optional<VersionStory> story(ContentHash version, Blobs blobs) throws IOException {
        TreeMap<Long, Placed> told = new TreeMap<>();
        Optional<AuditEvent.RoundReleased> release = Optional.empty();
        List<Placed> all = entries(0, checkpoint.size());
        for (Placed placed : all) {
            if (placed.entry().event() instanceof AuditEvent.RoundReleased released
                    && released.version().equals(version)) {
                release = Optional.of(released);
            }
        }
        if (release.isEmpty()) {
            return Optional.empty();
        }
        AuditEvent.Round round = release.get().round();
        for (Placed placed : all) {
            boolean belongs = switch (placed.entry().event()) {
                case AuditEvent.RoundReleased released -> released.round().equals(round);
                case AuditEvent.RoundPlanned planned -> planned.round().equals(round);
                case AuditEvent.VersionEvaluated evaluated -> evaluated.round().equals(round);
                case AuditEvent.RoundAbandoned abandoned -> false;
                case AuditEvent.FederationStarted started -> false;
                case AuditEvent.SiteEnrolled enrolled -> false;
                case AuditEvent.Other other -> false;
            };
            if (belongs) {
                told.put(placed.index(), placed);
            }
        }
        ContentHash manifest = release.get().manifest();
        byte[] envelope = blobs.read(manifest)
                .orElseThrow(() -> new IOException("the manifest " + manifest + " is not among the blobs"));
        SignedNote witnessed = witnessed(told.lastKey());
        long size = Checkpoint.parse(witnessed.text()).size();
        List<VersionStory.ProvedEntry> proved = new ArrayList<>();
        for (Placed placed : told.values()) {
            proved.add(new VersionStory.ProvedEntry(
                    placed.bytes(), InclusionProof.of(new TiledNodes(files::readOrCut, size), placed.index(), size)));
        }
        return Optional.of(new VersionStory(version, key, witnessed, proved, SignedStatement.parse(envelope)));
    }

    /** The checkpoint with the most cosignatures of those that cover the entry. */
    private SignedNote witnessed(long index) throws IOException {
        SignedNote best = note;
        Path shown = folder.resolve("checkpoints");
        if (Files.isDirectory(shown)) {
            try (var list = Files.list(shown)) {
                for (Path each : list.filter(
                                path -> path.getFileName().toString().matches("[0-9]+"))
                        .toList()) {
                    SignedNote candidate = SignedNote.parse(Files.readAllBytes(each));
                    if (Checkpoint.parse(candidate.text()).size() > index
                            && candidate.signatures().size() > best.signatures().size()) {
                        best = candidate;
                    }
                }
            }
        }
        return best;
    }
}
