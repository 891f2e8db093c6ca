package dev.parley.learning.record;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Loaded, harmonised records of one or more sites under one schema. The order of records is the order of the source and
 * so the same on every run.
 */
public record Dataset(RecordSchema schema, List<SiteRecord> records) {
    public Dataset {
        records = List.copyOf(records);
    }

    /** Records grouped by site, sites ascending by name, order within a site kept. */
    public SequencedMap<String, List<SiteRecord>> bySite() {
        SequencedMap<String, List<SiteRecord>> sites = new TreeMap<>();
        for (SiteRecord record : records) {
            sites.computeIfAbsent(record.siteId(), site -> new ArrayList<>()).add(record);
        }
        return sites;
    }

    @Override
    public String toString() {
        return "Dataset[" + records.size() + " records]";
    }
}
