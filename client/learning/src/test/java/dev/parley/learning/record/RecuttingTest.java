package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parley.learning.record.SiteRecord.Consent;
import dev.parley.learning.record.SiteRecord.Excerpt;
import dev.parley.learning.record.SiteRecord.Provenance;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A recording cut at more places gives the windows and classes that the recording itself would have given there. */
class RecuttingTest {
    private static final int STEPS = 16;
    private static final int HOP = 8;
    private static final int RATE = 10;
    private static final int CLASSES = 4;
    private static final Modality.Series FAST = series("fast", STEPS, RATE);
    /** The same time at half the rate. */
    private static final Modality.Series SLOW = series("slow", STEPS / 2, RATE / 2);

    private static final RecordSchema SCHEMA = new RecordSchema(List.of(FAST, SLOW), List.of("a", "b", "c", "d"));
    private static final Recutting RECUTTING = new Recutting(SCHEMA, 0.2);

    private static Modality.Series series(String name, int steps, int rate) {
        return new Modality.Series(
                name, List.of(new Channel("x", "u", -1, 1), new Channel("y", "u", -1, 1)), steps, rate);
    }

    @Property(tries = 200, seed = "20261124")
    void cutsAreWhatTheRecordingHasThere(@ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int windows) {
        // Each class lasts longer than two windows, so that no window has three.
        int[] labels = labels(new SplittableRandom(seed), HOP * (windows + 1), 2 * STEPS + 1);

        List<SiteRecord> cuts = RECUTTING.cuts(windows(labels, windows));

        int at = 0;
        for (int start = 2; start < HOP * (windows - 1); start += 2) {
            if (start % HOP == 0) {
                continue;
            }
            SiteRecord cut = cuts.get(at++);
            assertSame(window(FAST, start), cut.values().get("fast"), start);
            assertSame(window(SLOW, start / 2), cut.values().get("slow"), start);
            // Half and half is of either class.
            if (count(labels, start, labels[start]) != STEPS / 2) {
                assertEquals(mostFrequent(labels, start), cut.label(), "seed " + seed + ", cut at " + start);
            }
        }
        assertEquals(at, cuts.size());
    }

    private static void assertSame(ModalityValue.Series expected, @Nullable ModalityValue actual, int start) {
        var series = (ModalityValue.Series) Objects.requireNonNull(actual);
        assertArrayEquals(expected.values(), series.values(), "cut at " + start);
        assertArrayEquals(expected.observed(), series.observed(), "cut at " + start);
    }

    @Test
    void theRecordThatHasNoThirdClassPlacesAChange() {
        List<SiteRecord> records = List.of(record("p", 0, 0, 0.9), record("p", 1, 1, 0.6), record("p", 2, 2, 0.7));

        List<SiteRecord> cuts = RECUTTING.cuts(records);

        // The share of b places neither end, those of the outer records both: a ends at step 14.4, c starts at 20.8.
        assertEquals(
                List.of(0, 0, 0, 1, 1, 2), cuts.stream().map(SiteRecord::label).toList());
    }

    @Test
    void aChangeThatNeitherRecordCanPlaceIsNotCut() {
        List<SiteRecord> records =
                List.of(record("p", 0, 0, 1), record("p", 1, 1, 0.6), record("p", 2, 2, 0.6), record("p", 3, 3, 1));

        List<SiteRecord> cuts = RECUTTING.cuts(records);

        assertEquals(
                List.of("p0+1", "p0+2", "p0+3", "p2+1", "p2+2", "p2+3"),
                cuts.stream().map(SiteRecord::recordId).toList());
    }

    /** A learning document comes from outside: it may ask for cuts closer than steps, and gets none. */
    @Test
    void cutsCloserThanStepsAreNone() {
        List<SiteRecord> records = List.of(record("p", 0, 0, 1), record("p", 1, 0, 1));

        assertEquals(3, RECUTTING.cuts(records).size());
        for (double every : new double[] {1e-9, 0.01, 0.15, 1e9}) {
            assertEquals(List.of(), new Recutting(SCHEMA, every).cuts(records), every + " s");
        }
    }

    @Test
    void onlyNeighboursOfOneRecordingAreJoined() {
        SiteRecord first = record("p", 0, 1, 1);
        SiteRecord second = record("p", 1, 1, 1);
        Map<String, ModalityValue> fast =
                Map.of("fast", Objects.requireNonNull(second.values().get("fast")));

        assertEquals(3, RECUTTING.cuts(List.of(second, first)).size(), "in any order");
        assertEquals(List.of(), RECUTTING.cuts(List.of(first, record("q", 1, 1, 1))), "two recordings");
        assertEquals(List.of(), RECUTTING.cuts(List.of(first, record("p", 3, 1, 1))), "a gap between them");
        assertEquals(
                List.of(),
                RECUTTING.cuts(List.of(first, with(second, "other", second.values(), second.excerpt()))),
                "two subjects");
        assertEquals(
                List.of(), RECUTTING.cuts(List.of(first, with(second, "s1", second.values(), null))), "no excerpt");
        assertEquals(
                List.of(),
                RECUTTING.cuts(List.of(first, with(second, "s1", fast, second.excerpt()))),
                "a series that only one of them has");
        assertEquals(List.of(), new Recutting(SCHEMA, 0.25).cuts(List.of(first, second)), "no whole steps");
    }

    @Test
    void aModalityThatIsNoSeriesIsNotCutAndOneOutsideTheSchemaIsLeftOut() {
        List<SiteRecord> withTable = new ArrayList<>();
        for (SiteRecord record : List.of(record("p", 0, 1, 1), record("p", 1, 1, 1))) {
            Map<String, ModalityValue> values = new HashMap<>(record.values());
            values.put("labs", new ModalityValue.Table(new float[1], new boolean[1]));
            withTable.add(with(record, "s1", values, record.excerpt()));
        }
        var table = new Modality.Table("labs", List.of(new Channel("age", "years", 0, 1)));
        var all = new RecordSchema(List.of(FAST, SLOW, table), SCHEMA.classes());

        assertEquals(List.of(), new Recutting(all, 0.2).cuts(withTable));
        assertEquals(
                Set.of("fast"),
                new Recutting(all.restrictedTo(Set.of("fast")), 0.2)
                        .cuts(withTable)
                        .getFirst()
                        .values()
                        .keySet());
    }

    @Test
    void cutsLieApart() {
        assertThrows(IllegalArgumentException.class, () -> new Recutting(SCHEMA, 0));
        assertThrows(IllegalArgumentException.class, () -> new Recutting(SCHEMA, Double.NaN));
    }

    private static int[] labels(SplittableRandom random, int length, int shortest) {
        int[] labels = new int[length];
        int label = random.nextInt(CLASSES);
        int left = random.nextInt(1, 2 * shortest);
        for (int t = 0; t < length; t++, left--) {
            if (left == 0) {
                label = (label + random.nextInt(1, CLASSES)) % CLASSES;
                left = shortest + random.nextInt(shortest);
            }
            labels[t] = label;
        }
        return labels;
    }

    private static int count(int[] labels, int start, int label) {
        int count = 0;
        for (int t = start; t < start + STEPS; t++) {
            count += labels[t] == label ? 1 : 0;
        }
        return count;
    }

    private static int mostFrequent(int[] labels, int start) {
        return Collections.max(
                List.of(0, 1, 2, 3), (a, b) -> Integer.compare(count(labels, start, a), count(labels, start, b)));
    }

    private static List<SiteRecord> windows(int[] labels, int windows) {
        List<SiteRecord> records = new ArrayList<>();
        for (int w = 0; w < windows; w++) {
            int label = mostFrequent(labels, w * HOP);
            records.add(record("p", w, label, (double) count(labels, w * HOP, label) / STEPS));
        }
        return records;
    }

    private static SiteRecord record(String recording, int window, int label, double share) {
        return new SiteRecord(
                recording + window,
                "s1",
                "north",
                null,
                Map.of("fast", window(FAST, window * HOP), "slow", window(SLOW, window * HOP / 2)),
                label,
                new Consent.Granted(Set.of("research")),
                new Provenance("windows.csv", List.of()),
                new Excerpt(recording, (double) window * HOP / RATE, share));
    }

    private static SiteRecord with(
            SiteRecord r, String subject, Map<String, ModalityValue> values, @Nullable Excerpt excerpt) {
        return new SiteRecord(
                r.recordId(), subject, r.siteId(), r.clock(), values, r.label(), r.consent(), r.provenance(), excerpt);
    }

    /** What an endless recording has from a step on: values name channel and step, and every seventh step is missing. */
    private static ModalityValue.Series window(Modality.Series of, int start) {
        int channels = of.channels().size();
        float[] values = new float[channels * of.steps()];
        boolean[] observed = new boolean[values.length];
        for (int c = 0; c < channels; c++) {
            for (int t = 0; t < of.steps(); t++) {
                observed[c * of.steps() + t] = (start + t) % 7 != 3;
                values[c * of.steps() + t] = observed[c * of.steps() + t] ? 1000 * c + start + t : 0;
            }
        }
        return new ModalityValue.Series(values, observed);
    }
}
