package dev.parley.sim.scenario;

import dev.parley.learning.record.SiteRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Deals records to sites so that each sees few classes (McMahan et al., "Communication-Efficient Learning of Deep Networks
 * from Decentralized Data", 2017, section 3): sorted by label, cut into {@code sites * shards} runs, {@code shards} drawn
 * for each site.
 */
final class LabelShardDeal {
    private final int sites;
    private final int shards;
    private final long seed;

    LabelShardDeal(int sites, int shards, long seed) {
        this.sites = sites;
        this.shards = shards;
        this.seed = seed;
    }

    /** Every record goes to exactly one site; shards differ in size by one record at most. */
    SortedMap<String, List<SiteRecord>> deal(List<SiteRecord> records) throws ScenarioException {
        int runs = sites * shards;
        if (records.size() < runs) {
            throw new ScenarioException(runs + " shards need at least as many records, got " + records.size()
                    + "; lower the number of sites");
        }
        List<SiteRecord> sorted = new ArrayList<>(records);
        sorted.sort(Comparator.comparingInt(SiteRecord::label));
        int[] order = shuffled(runs);
        SortedMap<String, List<SiteRecord>> dealt = new TreeMap<>();
        int digits = String.valueOf(sites).length();
        for (int site = 0; site < sites; site++) {
            String name = String.format("site-%0" + digits + "d", site + 1);
            List<SiteRecord> own = new ArrayList<>();
            for (int shard = 0; shard < shards; shard++) {
                long run = order[site * shards + shard];
                int from = (int) (run * sorted.size() / runs);
                int to = (int) ((run + 1) * sorted.size() / runs);
                sorted.subList(from, to).forEach(record -> own.add(atSite(record, name)));
            }
            dealt.put(name, own);
        }
        return dealt;
    }

    private int[] shuffled(int runs) {
        var random = new SplittableRandom(seed);
        int[] order = new int[runs];
        for (int i = 0; i < runs; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static SiteRecord atSite(SiteRecord record, String site) {
        return new SiteRecord(
                record.recordId(),
                record.subjectId(),
                site,
                record.clock(),
                record.values(),
                record.label(),
                record.consent(),
                record.provenance(),
                record.excerpt());
    }
}
