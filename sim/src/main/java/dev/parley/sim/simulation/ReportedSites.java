package dev.parley.sim.simulation;

import dev.parley.learning.record.SiteRecord;
import dev.parley.sim.report.RunReport.SiteSummary;
import dev.parley.sim.scenario.FederatedSite;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the report tells of the sites' records: counts, no record. */
final class ReportedSites {
    private ReportedSites() {}

    static List<SiteSummary> of(PreparedRun run) {
        return run.records().sites().stream().map(site -> summary(run, site)).toList();
    }

    private static SiteSummary summary(PreparedRun run, FederatedSite site) {
        List<SiteRecord> all = new ArrayList<>(site.training().records());
        all.addAll(site.heldOut().records());
        Integer[] perClass = new Integer[run.records().schema().classes().size()];
        for (int label = 0; label < perClass.length; label++) {
            int wanted = label;
            perClass[label] = (int)
                    all.stream().filter(record -> record.label() == wanted).count();
        }
        SortedMap<String, Double> share = new TreeMap<>();
        for (String modality : run.records().schema().modalityNames()) {
            double present = all.stream()
                    .filter(record -> record.values().containsKey(modality))
                    .count();
            share.put(modality, present / all.size());
        }
        return new SiteSummary(
                site.label(),
                site.training().records().size(),
                site.heldOut().records().size(),
                (int) all.stream().map(SiteRecord::subjectId).distinct().count(),
                site.training().withheld() + site.heldOut().withheld(),
                site.quarantined(),
                List.of(perClass),
                share);
    }
}
