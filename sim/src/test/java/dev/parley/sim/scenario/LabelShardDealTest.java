package dev.parley.sim.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.record.SiteRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LabelShardDealTest {
    private static List<SiteRecord> records(int count, int classes) {
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new SiteRecord(
                    "r" + i,
                    "s" + i,
                    "pool",
                    null,
                    Map.of(),
                    i * 7 % classes,
                    new SiteRecord.Consent.Granted(Set.of("research")),
                    new SiteRecord.Provenance("drawn", List.of())));
        }
        return records;
    }

    private static SortedMap<String, List<String>> ids(SortedMap<String, List<SiteRecord>> dealt) {
        SortedMap<String, List<String>> ids = new TreeMap<>();
        dealt.forEach((site, own) ->
                ids.put(site, own.stream().map(SiteRecord::recordId).toList()));
        return ids;
    }

    @Property(tries = 200)
    void dealsEveryRecordOnceInEvenShards(
            @ForAll @IntRange(min = 1, max = 20) int sites,
            @ForAll @IntRange(min = 1, max = 4) int shards,
            @ForAll @IntRange(min = 0, max = 200) int more,
            @ForAll long seed)
            throws ScenarioException {
        List<SiteRecord> all = records(sites * shards + more, 5);

        var dealt = new LabelShardDeal(sites, shards, seed).deal(all);

        assertEquals(sites, dealt.size());
        Set<String> seen = new TreeSet<>();
        dealt.forEach((site, own) -> own.forEach(record -> {
            assertEquals(site, record.siteId());
            assertTrue(seen.add(record.recordId()), "dealt twice, seed " + seed);
        }));
        assertEquals(all.size(), seen.size());
        int even = all.size() / (sites * shards);
        dealt.values()
                .forEach(own -> assertTrue(
                        own.size() >= even * shards && own.size() <= (even + 1) * shards, own.size() + " records"));
        assertEquals(ids(dealt), ids(new LabelShardDeal(sites, shards, seed).deal(all)));
    }

    @Property(tries = 50)
    void aSiteOfTwoShardsSeesFewClasses(@ForAll long seed) throws ScenarioException {
        var dealt = new LabelShardDeal(10, 2, seed).deal(records(1000, 10));

        dealt.values()
                .forEach(own -> assertTrue(
                        own.stream().map(SiteRecord::label).distinct().count() <= 4,
                        "two shards, at most two labels each"));
    }

    @Property(tries = 1)
    void otherSeedsDealOtherwise() throws ScenarioException {
        List<SiteRecord> all = records(1000, 10);

        assertNotEquals(ids(new LabelShardDeal(10, 2, 1).deal(all)), ids(new LabelShardDeal(10, 2, 2).deal(all)));
        assertThrows(ScenarioException.class, () -> new LabelShardDeal(10, 2, 1).deal(records(19, 2)));
    }
}
