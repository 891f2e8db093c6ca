package dev.parley.server.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.CompletedRound;
import dev.parley.rounds.KeyDirectory;
import dev.parley.rounds.Participation;
import dev.parley.rounds.RoundBoundary;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Task;
import dev.parley.server.SumMember;
import dev.parley.server.status.FederationStatus.Evaluation;
import dev.parley.server.status.FederationStatus.RoundSummary;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SnapshotMessagesTest {
    private static final SiteName NORTH = new SiteName("north");
    private static final SiteName SOUTH = new SiteName("south");
    private static final Instant AT = Instant.ofEpochSecond(1_796_088_879, 123_456_789);
    private static final Participation BOTH = new Participation(
            new TreeSet<>(List.of(NORTH)), new TreeSet<>(), new TreeMap<>(Map.of(SOUTH, "no more this month")));

    private static ContentHash hash(String text) {
        return ContentHash.of(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static KeyDirectory keys() {
        Announcement announcement =
                Announcement.of(SumMember.of("hospital", "north").announcement().toByteArray());
        return new KeyDirectory(new TreeMap<>(Map.of(
                NORTH,
                new KeyDirectory.SiteKeys(
                        announcement,
                        announcement.hash(),
                        new TreeMap<>(Map.of(
                                SOUTH, new KeyDirectory.Encapsulation(hash("theirs"), Bytes.of(new byte[] {1, 2})))),
                        new TreeMap<>(Map.of(SOUTH, hash("received")))))));
    }

    private static List<CompletedRound> history() {
        EvaluationCounts counts = EvaluationCounts.of(new float[] {1, 0}, new int[] {0}, 2);
        return List.of(
                new CompletedRound(
                        new RoundId(0, 0),
                        new Task.AgreeStatistics(),
                        new RoundOutcome.Released(hash("v0"), BOTH, Optional.empty())),
                new CompletedRound(
                        new RoundId(1, 0),
                        new Task.Train(0, 3),
                        new RoundOutcome.Released(hash("v1"), BOTH, Optional.of(counts))),
                new CompletedRound(
                        new RoundId(2, 0),
                        new Task.Train(1, 3),
                        new RoundOutcome.TooFew(RoundOutcome.TooFew.Part.RECOVERING, 1, 2, BOTH)),
                new CompletedRound(
                        new RoundId(2, 1), new Task.Train(1, 3), new RoundOutcome.ReleaseFailed("a full disk")),
                new CompletedRound(new RoundId(2, 2), new Task.Train(1, 3), new RoundOutcome.Cancelled("by hand")));
    }

    @Test
    void readsWhatItWrote() {
        JournalSnapshot snapshot = new JournalSnapshot(
                new PinnedSettings(new TreeMap<>(Map.of("federation.rounds", "3"))),
                List.of(hash("first"), hash("second")),
                AT.minusSeconds(60),
                List.of(
                        new RoundSummary(0, 0, "statistics", "released", "00", 2, 2, 12, null),
                        new RoundSummary(
                                1,
                                0,
                                "train",
                                "released",
                                "01",
                                2,
                                2,
                                34,
                                new Evaluation(9, null, 1, 0.5, 0.25, 0.125)),
                        new RoundSummary(
                                2,
                                0,
                                "train",
                                "released",
                                "02",
                                2,
                                2,
                                56,
                                new Evaluation(9, 0.75, 1, 0.5, 0.25, 0.125))),
                new RoundBoundary(
                        hash("model"), new TreeSet<>(List.of(NORTH, SOUTH)), keys(), new RoundId(2, 3), AT, history()));

        assertEquals(snapshot, SnapshotMessages.read(SnapshotMessages.write(snapshot)));
    }
}
