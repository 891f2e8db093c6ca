package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SubjectSplitTest {
    private static final SplitRule QUARTER = new SplitRule(0.25, 7);

    private static SiteRecord record(String site, String subject, int label, int number) {
        return new SiteRecord(
                site + "-" + number,
                subject,
                site,
                null,
                Map.of(),
                label,
                new SiteRecord.Consent.Granted(Set.of("research")),
                new SiteRecord.Provenance("drawn", List.of()));
    }

    private static List<SiteRecord> draw(String site, Random random) {
        List<SiteRecord> records = new ArrayList<>();
        int subjects = 1 + random.nextInt(40);
        for (int s = 0; s < subjects; s++) {
            int label = random.nextInt(3);
            for (int i = random.nextInt(6); i >= 0; i--) {
                records.add(record(
                        site, site + "/s" + s, random.nextInt(5) == 0 ? random.nextInt(3) : label, records.size()));
            }
        }
        return records;
    }

    private static Set<String> ids(List<SiteRecord> records) {
        return records.stream().map(SiteRecord::recordId).collect(Collectors.toSet());
    }

    private static Set<String> subjects(List<SiteRecord> records) {
        return records.stream().map(SiteRecord::subjectId).collect(Collectors.toSet());
    }

    @Property(tries = 300, seed = "20261125")
    void keepsItsPromises(@ForAll long seed) {
        Random random = new Random(seed);
        List<SiteRecord> north = draw("north", random);
        List<SiteRecord> both = new ArrayList<>(north);
        both.addAll(draw("south", random));
        Collections.shuffle(both, random);
        SplitRule rule = new SplitRule(random.nextDouble() * 0.5, random.nextLong());

        SubjectSplit alone = SubjectSplit.of(north, rule);
        SubjectSplit together = SubjectSplit.of(both, rule);

        Set<String> onBothSides = new HashSet<>(subjects(together.training()));
        onBothSides.retainAll(subjects(together.heldOut()));
        assertEquals(Set.of(), onBothSides, "seed " + seed);
        assertEquals(
                both.size(), together.training().size() + together.heldOut().size(), "seed " + seed);
        Set<String> northHeldOut = ids(together.heldOut());
        northHeldOut.removeIf(id -> id.startsWith("south"));
        assertEquals(ids(alone.heldOut()), northHeldOut, "seed " + seed);
        assertTrue(!alone.training().isEmpty(), "seed " + seed);
    }

    @Test
    void holdsOutTheShareOfEachClass() {
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            records.add(record("north", "s" + i / 2, i < 80 ? 1 : 0, i));
        }

        SubjectSplit split = SubjectSplit.of(records, QUARTER);

        assertEquals(100, split.heldOut().size());
        assertEquals(20, split.heldOut().stream().filter(r -> r.label() == 1).count());
    }

    @Test
    void anotherSeedIsAnotherSplitAndZeroIsNone() {
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            records.add(record("north", "s" + i, 0, i));
        }

        assertNotEquals(
                ids(SubjectSplit.of(records, QUARTER).heldOut()),
                ids(SubjectSplit.of(records, new SplitRule(0.25, 8)).heldOut()));
        assertEquals(records, SubjectSplit.of(records, new SplitRule(0, 7)).training());
    }

    /** The split that a seed means must never change, or a restarted site would train on what it scored on. */
    @Test
    void theSplitOfASeedStays() {
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            records.add(record("north", "s" + i, 0, i));
        }

        assertEquals(
                "s0 s15 s6 s9",
                String.join(
                        " ",
                        subjects(SubjectSplit.of(records, QUARTER).heldOut()).stream()
                                .sorted()
                                .toList()));
    }

    @Test
    void aSiteOfOneSubjectHoldsNothingOut() {
        List<SiteRecord> records = List.of(record("north", "s", 0, 0), record("north", "s", 1, 1));

        assertEquals(
                2, SubjectSplit.of(records, new SplitRule(0.5, 1)).training().size());
    }

    @Test
    void aShareOfOneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new SplitRule(1, 1));
        assertThrows(IllegalArgumentException.class, () -> new SplitRule(Double.NaN, 1));
    }
}
