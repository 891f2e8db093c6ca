package dev.parley.server.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.EvaluationRule;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.UpdateRule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * A journal that an earlier version wrote: three real agents, a coordinator that was killed again and again. Every later version
 * must read it and come to the same end. The file is never written anew; a new version of the journal adds another.
 */
class GoldenHistoryTest {
    private static final int RESTARTS = 0;
    private static final int ENTRIES = 0;
    private static final List<String> RELEASED = List.of();
    private static final int BOUNDARIES = 0;
    private static final Duration TIME = Duration.ofMinutes(10);

    private static List<byte[]> entries() throws IOException {
        try (InputStream packed = GoldenHistoryTest.class.getResourceAsStream("history-1.base64.gz");
                GZIPInputStream text = new GZIPInputStream(packed)) {
            return new String(text.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(Base64.getDecoder()::decode)
                    .toList();
        }
    }

    private static FederationSpec spec(PinnedSettings settings) {
        return new FederationSpec(
                new FederationName("trial"),
                1,
                true,
                new CohortRule(3, 3, 3, 3),
                new RoundTimes(TIME, TIME, TIME, TIME, TIME),
                new UpdateRule(
                        new ClipNorm(5),
                        new ClipNorm(50),
                        100,
                        0,
                        new UpdateNoise.None(),
                        new MaskingRule(new RingModulus(20), 0)),
                new ServerOptimizer.FedAvg(),
                new EvaluationRule(1, 2),
                20261124,
                hash(settings, "learning"),
                hash(settings, "policies"),
                3);
    }

    private static ContentHash hash(PinnedSettings settings, String name) {
        return new ContentHash(settings.values().get(name));
    }

    @Test
    void replaysToTheSameEnd() throws Exception {
        List<FederationRecord.Underway> records = new ArrayList<>();
        PinnedSettings settings = new PinnedSettings(new TreeMap<>());
        int restarts = 0;
        List<ContentHash> committed = new ArrayList<>();
        for (byte[] entry : entries()) {
            JournalEvent event = EventMessages.read(entry);
            assertArrayEquals(entry, EventMessages.write(event));
            switch (event) {
                case JournalEvent.Opened opened -> {
                    settings = opened.settings();
                    ContentHash layout = hash(settings, "model's layout");
                    assertEquals(
                            List.of(),
                            settings.differences(PinnedSettings.of(spec(settings), layout, hash(settings, "model"))));
                    records.add(
                            FederationRecord.Underway.begun(settings, spec(settings), layout, hash(settings, "model")));
                }
                case JournalEvent.Happened happened -> {
                    FederationRecord.Underway before = records.getLast();
                    records.add(before.with(happened, before.state().on(happened.event())));
                    if (happened.event() instanceof RoundEvent.ReleaseCommitted release) {
                        committed.add(release.version());
                    }
                    restarts += happened.event() instanceof FederationEvent.Resumed ? 1 : 0;
                }
            }
        }

        FederationRecord.Underway last = records.getLast();
        assertEquals(RESTARTS, restarts);
        assertEquals(ENTRIES, records.size());
        assertEquals(RELEASED, committed.stream().map(ContentHash::hex).toList());
        assertEquals(RELEASED.getLast(), last.state().modelHash().hex());
        assertEquals(BOUNDARIES, last.summaries().size());
        last.summaries().forEach(round -> assertEquals("released", round.outcome()));
    }

    /** A snapshot of each place where one may be taken stands for all that was before it. */
    @Test
    void snapshotsStandForWhatWasBefore() throws Exception {
        List<byte[]> entries = entries();
        PinnedSettings settings = ((JournalEvent.Opened) EventMessages.read(entries.getFirst())).settings();
        ContentHash layout = hash(settings, "model's layout");
        FederationRecord.Underway record =
                FederationRecord.Underway.begun(settings, spec(settings), layout, hash(settings, "model"));
        Optional<FederationRecord.Underway> resumed = Optional.empty();
        int boundaries = 0;
        for (byte[] entry : entries.subList(1, entries.size())) {
            JournalEvent.Happened happened = (JournalEvent.Happened) EventMessages.read(entry);
            record = record.with(happened, record.state().on(happened.event()));
            resumed = resumed.map(from -> from.with(happened, from.state().on(happened.event())));
            if (record.boundary().isPresent()) {
                boundaries++;
                byte[] bytes = SnapshotMessages.write(JournalSnapshot.of(record));
                resumed = Optional.of(SnapshotMessages.read(bytes).resume(spec(settings), layout));
                assertEquals(record, resumed.get());
            }
        }
        assertEquals(BOUNDARIES, boundaries);
        assertTrue(resumed.isPresent());
        assertEquals(record.state(), resumed.get().state());
        assertEquals(record.summaries(), resumed.get().summaries());
    }
}
