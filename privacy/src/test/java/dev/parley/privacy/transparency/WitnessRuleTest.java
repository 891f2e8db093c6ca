package dev.parley.privacy.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.transparency.WitnessRule.Judgement;
import dev.parley.privacy.transparency.WitnessRule.Reason;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class WitnessRuleTest {
    private static final SigningSeed SEED = SigningSeed.read(new byte[32], SecretAccess.token());
    private static final NoteKey KEY = new NoteKey("log.example", NoteKey.Algorithm.ED25519, SEED.publicKey());

    private static List<byte[]> entries(int count) {
        List<byte[]> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new byte[] {(byte) i});
        }
        return entries;
    }

    private static byte[] signed(List<byte[]> entries) throws IOException {
        Checkpoint checkpoint = new Checkpoint(
                KEY.name(), entries.size(), MerkleTree.root(MerkleTreeTest.nodesOf(entries), entries.size()));
        NoteSignature signature = new NoteSigner(KEY, SEED::sign).sign(checkpoint.text(), Instant.EPOCH);
        return new SignedNote(checkpoint.text(), List.of(signature)).toBytes();
    }

    private static List<ContentHash> path(List<byte[]> entries, int from) throws IOException {
        return ConsistencyProof.of(MerkleTreeTest.nodesOf(entries), from, entries.size())
                .path();
    }

    private static WitnessRule seen(int count) throws IOException {
        return WitnessRule.beginning(KEY)
                .after((Judgement.Accepted) WitnessRule.beginning(KEY).judge(signed(entries(count)), List.of()));
    }

    private static Reason refusal(Judgement judgement) {
        return assertInstanceOf(Judgement.Refused.class, judgement).reason();
    }

    @Test
    void whatContinuesIsAccepted() throws Exception {
        for (int from = 0; from <= 20; from++) {
            for (int to = Math.max(1, from); to <= 20; to++) {
                Judgement judgement = (from == 0 ? WitnessRule.beginning(KEY) : seen(from))
                        .judge(signed(entries(to)), path(entries(to), from));
                assertEquals(
                        to,
                        assertInstanceOf(Judgement.Accepted.class, judgement)
                                .checkpoint()
                                .size());
            }
        }
    }

    @Test
    void anotherLogOfTheSameLengthIsASplitView() throws Exception {
        List<byte[]> other = entries(9);
        other.set(4, new byte[] {99});

        assertEquals(Reason.SPLIT_VIEW, refusal(seen(9).judge(signed(other), List.of())));
    }

    @Test
    void aShorterLogIsARollback() throws Exception {
        assertEquals(Reason.ROLLED_BACK, refusal(seen(9).judge(signed(entries(8)), List.of())));
    }

    /**
     * Every entry changed in turn, every two swapped, every one dropped: no proof that can be made of the other log is
     * accepted.
     */
    @Test
    void noForkIsAccepted() throws Exception {
        WitnessRule rule = seen(9);
        List<List<byte[]>> forks = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            List<byte[]> changed = entries(14);
            changed.set(i, new byte[] {99});
            forks.add(changed);
            List<byte[]> dropped = entries(14);
            dropped.remove(i);
            forks.add(dropped);
            for (int j = i + 1; j < 9; j++) {
                List<byte[]> swapped = entries(14);
                Collections.swap(swapped, i, j);
                forks.add(swapped);
            }
        }
        for (List<byte[]> fork : forks) {
            assertEquals(Reason.NOT_CONTINUED, refusal(rule.judge(signed(fork), path(fork, 9))));
            assertEquals(Reason.NOT_CONTINUED, refusal(rule.judge(signed(fork), path(entries(14), 9))));
        }
    }

    @Test
    void anotherKeyIsNotTheLog() throws Exception {
        SigningSeed other = SigningSeed.read(
                Collections.nCopies(32, (byte) 1).stream()
                        .collect(java.io.ByteArrayOutputStream::new, (out, b) -> out.write(b), (a, b) -> {})
                        .toByteArray(),
                SecretAccess.token());
        NoteKey impostor = new NoteKey(KEY.name(), NoteKey.Algorithm.ED25519, other.publicKey());
        Checkpoint checkpoint =
                Checkpoint.parse(SignedNote.parse(signed(entries(9))).text());
        byte[] note = new SignedNote(
                        checkpoint.text(),
                        List.of(new NoteSigner(impostor, other::sign).sign(checkpoint.text(), Instant.EPOCH)))
                .toBytes();

        assertEquals(Reason.NOT_THE_LOGS, refusal(WitnessRule.beginning(KEY).judge(note, List.of())));
        assertEquals(Reason.MALFORMED, refusal(WitnessRule.beginning(KEY).judge(new byte[] {1}, List.of())));
    }
}
