package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.EntryBundle;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.SigningSeed;
import dev.parley.privacy.transparency.TileAddress;
import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A log's files in memory, written plainly by the definitions, so that tests can change them. */
record WrittenLog(Map<String, byte[]> files) implements LogSource {
    private static final SigningSeed SEED = SigningSeed.read(new byte[32], SecretAccess.token());
    static final NoteKey KEY = new NoteKey("parley.example/ward", NoteKey.Algorithm.ED25519, SEED.publicKey());

    /** Rounds of one federation: each planned, released and scored. */
    static List<byte[]> story(int entries) {
        List<byte[]> story = new ArrayList<>();
        ContentHash model = hash("model");
        add(story, new AuditEvent.FederationStarted("ward", model, hash("learning"), hash("policies"), "test"));
        for (int i = 0; story.size() < entries; i++) {
            AuditEvent.Round round = new AuditEvent.Round("ward", i, 0, hash("plan " + i));
            ContentHash version = hash("version " + i);
            List<String> sites = List.of("a".repeat(64), "b".repeat(64));
            add(
                    story,
                    new AuditEvent.RoundPlanned(
                            round,
                            "train",
                            new AuditEvent.PlannedBy(model, hash("learning"), hash("policies")),
                            hash("roster"),
                            sites));
            add(story, new AuditEvent.RoundReleased(round, model, version, sites, hash("manifest " + i)));
            add(story, new AuditEvent.VersionEvaluated(round, version, 10, new TreeMap<>(Map.of("auroc", "0.5"))));
            model = version;
        }
        return new ArrayList<>(story.subList(0, entries));
    }

    private static void add(List<byte[]> story, AuditEvent event) {
        story.add(new AuditEntry(Instant.ofEpochSecond(story.size()), event).toBytes());
    }

    static ContentHash hash(String name) {
        return ContentHash.of(name.getBytes());
    }

    static WrittenLog of(List<byte[]> entries) {
        Map<String, byte[]> files = new HashMap<>();
        for (TileAddress address : TileAddress.all(entries.size())) {
            int from = Math.toIntExact(address.index() * TileAddress.FULL_WIDTH);
            files.put(
                    address.path(),
                    address.kind() == TileAddress.Kind.ENTRIES
                            ? EntryBundle.encode(entries.subList(from, from + address.width()))
                            : hashes(entries, address, from));
        }
        Checkpoint checkpoint = new Checkpoint(
                KEY.name(),
                entries.size(),
                entries.isEmpty() ? MerkleTree.EMPTY_ROOT : ContentHash.ofDigest(root(entries)));
        files.put(LogFiles.CHECKPOINT, signed(checkpoint).toBytes());
        return new WrittenLog(files);
    }

    static SignedNote signed(Checkpoint checkpoint) {
        return new SignedNote(
                checkpoint.text(), List.of(new NoteSigner(KEY, SEED::sign).sign(checkpoint.text(), Instant.EPOCH)));
    }

    private static byte[] hashes(List<byte[]> entries, TileAddress address, int from) {
        int leaves = 1 << TileAddress.HEIGHT * address.level();
        byte[] tile = new byte[address.width() * ContentHash.SIZE_BYTES];
        for (int i = 0; i < address.width(); i++) {
            byte[] hash = root(entries.subList((from + i) * leaves, (from + i + 1) * leaves));
            System.arraycopy(hash, 0, tile, i * ContentHash.SIZE_BYTES, ContentHash.SIZE_BYTES);
        }
        return tile;
    }

    static byte[] root(List<byte[]> entries) {
        if (entries.size() == 1) {
            return MerkleTree.leafHash(entries.getFirst());
        }
        int split = Integer.highestOneBit(entries.size() - 1);
        return MerkleTree.nodeHash(root(entries.subList(0, split)), root(entries.subList(split, entries.size())));
    }

    /** The same files, but for one. */
    WrittenLog with(String path, byte[] bytes) {
        Map<String, byte[]> changed = new HashMap<>(files);
        changed.put(path, bytes);
        return new WrittenLog(changed);
    }

    WrittenLog without(String path) {
        Map<String, byte[]> changed = new HashMap<>(files);
        changed.remove(path);
        return new WrittenLog(changed);
    }

    static byte[] flipped(byte[] bytes, long bit) {
        byte[] flipped = Arrays.copyOf(bytes, bytes.length);
        flipped[Math.toIntExact(bit / Byte.SIZE)] ^= (byte) (1 << bit % Byte.SIZE);
        return flipped;
    }

    @Override
    public byte[] checkpoint() throws IOException {
        return file(LogFiles.CHECKPOINT);
    }

    @Override
    public String key() {
        return KEY.toString();
    }

    @Override
    public byte[] read(TileAddress address) throws IOException {
        return file(address.path());
    }

    private byte[] file(String path) throws IOException {
        byte[] bytes = files.get(path);
        if (bytes == null) {
            throw new NoSuchFileException(path);
        }
        return bytes;
    }
}
