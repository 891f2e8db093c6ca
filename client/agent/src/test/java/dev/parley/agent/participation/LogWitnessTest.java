package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.parley.agent.storage.WitnessFile;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.LogContinuation;
import dev.parley.contract.v1.LogEntry;
import dev.parley.contract.v1.RoundClosed;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.ConsistencyProof;
import dev.parley.privacy.transparency.InclusionProof;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSignature;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.SigningSeed;
import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogWitnessTest {
    private static final SigningSeed SEED = SigningSeed.generate(new SecureRandom());
    private static final NoteKey KEY = new NoteKey("parley/ward", NoteKey.Algorithm.ED25519, SEED.publicKey());
    private static final SiteIdentityKey IDENTITY = SiteIdentityKey.generate(new SecureRandom());

    @TempDir
    Path folder;

    private LogWitness witness;

    @BeforeEach
    void enrolled() throws IOException {
        open();
        witness.pin(KEY.toString());
    }

    /** As after a restart of the agent. */
    private void open() throws IOException {
        witness = new LogWitness(
                IDENTITY, WitnessFile.open(folder.resolve("log.json")), () -> Instant.ofEpochSecond(1_700_000_000));
    }

    private static ContentHash version(int round) {
        return ContentHash.of(new byte[] {(byte) round});
    }

    /** Releases of rounds 0, 1, 2 ... */
    private static List<byte[]> releases(int count) {
        return new ArrayList<>(IntStream.range(0, count)
                .mapToObj(i -> new AuditEntry(
                                Instant.ofEpochSecond(i),
                                new AuditEvent.RoundReleased(
                                        new AuditEvent.Round("ward", i, 0, version(100 + i)),
                                        version(i - 1),
                                        version(i),
                                        List.of(),
                                        version(50)))
                        .toBytes())
                .toList());
    }

    private static MerkleTree.CompleteNodes nodes(List<byte[]> entries) {
        return (level, index) -> root(entries.subList((int) (index << level), (int) ((index + 1) << level)));
    }

    private static byte[] root(List<byte[]> entries) {
        if (entries.size() == 1) {
            return MerkleTree.leafHash(entries.getFirst());
        }
        int split = Integer.highestOneBit(entries.size() - 1);
        return MerkleTree.nodeHash(root(entries.subList(0, split)), root(entries.subList(split, entries.size())));
    }

    private static LogContinuation shown(List<byte[]> entries, int from) throws IOException {
        Checkpoint checkpoint =
                new Checkpoint(KEY.name(), entries.size(), MerkleTree.root(nodes(entries), entries.size()));
        SignedNote note = new SignedNote(
                checkpoint.text(), List.of(new NoteSigner(KEY, SEED::sign).sign(checkpoint.text(), Instant.EPOCH)));
        return LogContinuation.newBuilder()
                .setCheckpoint(ByteString.copyFrom(note.toBytes()))
                .addAllConsistency(
                        bytes(ConsistencyProof.of(nodes(entries), Math.min(from, entries.size()), entries.size())
                                .path()))
                .build();
    }

    private static List<ByteString> bytes(List<ContentHash> hashes) {
        return hashes.stream().map(hash -> ByteString.copyFrom(hash.bytes())).toList();
    }

    private static RoundClosed closed(int round, List<byte[]> entries, int index) throws IOException {
        return RoundClosed.newBuilder()
                .setRound(round)
                .setReleased(RoundClosed.Released.newBuilder()
                        .setModelHash(ByteString.copyFrom(version(round).bytes()))
                        .setLogEntry(LogEntry.newBuilder()
                                .setEntry(ByteString.copyFrom(entries.get(index)))
                                .setIndex(index)
                                .addAllPath(bytes(InclusionProof.of(nodes(entries), index, entries.size())
                                        .path()))))
                .build();
    }

    @Test
    void signsWhatContinuesAlsoAfterARestart() throws Exception {
        int seen = 0;
        for (int size : List.of(1, 2, 5, 5, 9)) {
            AgentMessage said = witness.grow(shown(releases(size), seen)).orElseThrow();
            NoteSignature signature = NoteSignature.parse(
                            said.getCosignature().getSignature().toStringUtf8())
                    .orElseThrow();
            Checkpoint checkpoint = new Checkpoint(KEY.name(), size, MerkleTree.root(nodes(releases(size)), size));
            assertTrue(witness.key().verifies(checkpoint.text(), signature));
            witness.release(closed(size - 1, releases(size), size - 1));
            open();
            assertEquals(size, witness.seen());
            seen = size;
        }
    }

    /**
     * Rollback, split view, reordering, a dropped and a changed entry: refused, kept, and still refused after a
     * restart.
     */
    @Test
    void refusesAnotherLogForGood() throws Exception {
        List<byte[]> dropped = releases(12);
        dropped.remove(3);
        List<byte[]> swapped = releases(12);
        Collections.swap(swapped, 2, 3);
        List<byte[]> split = releases(9);
        split.set(8, new byte[] {1});
        for (List<byte[]> other : List.of(releases(8), split, swapped, dropped)) {
            java.nio.file.Files.deleteIfExists(folder.resolve("log.json"));
            enrolled();
            AgentMessage unused = witness.grow(shown(releases(9), 0)).orElseThrow();

            assertThrows(LogWitness.RefusedLogException.class, () -> witness.grow(shown(other, 9)));

            open();
            assertTrue(witness.refusal().isPresent());
            assertEquals(9, witness.seen());
            assertTrue(WitnessFile.open(folder.resolve("log.json"))
                    .kept()
                    .evidence()
                    .startsWith("parley/ward\n"));
        }
    }

    @Test
    void aReleaseNeedsItsOwnEntryInTheLogThatWasShown() throws Exception {
        List<byte[]> entries = releases(5);
        AgentMessage unused = witness.grow(shown(entries, 0)).orElseThrow();
        RoundClosed honest = closed(4, entries, 4);
        RoundClosed.Builder without = honest.toBuilder();
        without.getReleasedBuilder().clearLogEntry();
        RoundClosed.Builder otherModel = honest.toBuilder();
        otherModel
                .getReleasedBuilder()
                .setModelHash(ByteString.copyFrom(version(77).bytes()));

        witness.release(honest);
        for (RoundClosed wrong : List.of(
                without.build(),
                otherModel.build(),
                closed(4, entries, 3), // of another round
                closed(4, releases(6), 4), // proved in another log
                closed(5, releases(6), 5))) { // not in the log that was shown
            assertThrows(LogWitness.RefusedLogException.class, () -> witness.release(wrong));
        }
    }

    @Test
    void aSiteThatWasGivenNoKeyHasNothingToDemand() throws Exception {
        LogWitness forgetful = Witnesses.forgetful();

        assertTrue(forgetful.grow(shown(releases(3), 0)).isEmpty());
        forgetful.release(RoundClosed.newBuilder()
                .setReleased(RoundClosed.Released.getDefaultInstance())
                .build());
        assertTrue(forgetful.refusal().isEmpty());
    }

    @Test
    void anotherKeyIsNotPinnedOverTheFirst() {
        NoteKey other = new NoteKey(KEY.name(), NoteKey.Algorithm.ED25519, new byte[32]);

        assertThrows(IllegalArgumentException.class, () -> witness.pin(other.toString()));
    }
}
