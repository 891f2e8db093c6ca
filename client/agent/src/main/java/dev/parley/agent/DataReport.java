package dev.parley.agent;

import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.SiteRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * What a site's records amount to, in counts, and where rows break a rule. For the site's own eyes: row numbers point at
 * people. No record is shown.
 */
final class DataReport {
    private DataReport() {}

    static List<String> of(SiteData data, String purpose) {
        ConsentedRecords training = ConsentedRecords.select(data.training(), purpose);
        ConsentedRecords heldOut = ConsentedRecords.select(data.heldOut(), purpose);
        List<String> lines = new ArrayList<>();
        lines.add("for the purpose '" + purpose + "': " + training.records().size() + " records to train on, "
                + heldOut.records().size() + " held out");
        lines.add("withheld because consent is withdrawn or does not name the purpose: " + training.withheld() + " and "
                + heldOut.withheld());
        List<SiteRecord> usable = training.records();
        for (Modality modality : data.schema().modalities()) {
            long present = usable.stream()
                    .filter(record -> record.values().containsKey(modality.name()))
                    .count();
            lines.add("modality " + modality.name() + ": in " + present + " of " + usable.size() + " training records");
        }
        for (int label = 0; label < data.schema().classes().size(); label++) {
            int wanted = label;
            long count =
                    usable.stream().filter(record -> record.label() == wanted).count();
            lines.add("class " + data.schema().classes().get(label) + ": " + count + " training records");
        }
        lines.add("subjects to train on: "
                + usable.stream().map(SiteRecord::subjectId).distinct().count());
        lines.add("left out because they break a rule: " + data.quarantine().count() + " rows");
        data.quarantine().firstReasons().forEach(reason -> lines.add("  " + reason));
        int unnamed =
                data.quarantine().count() - data.quarantine().firstReasons().size();
        if (unnamed > 0) {
            lines.add("  and " + unnamed + " more");
        }
        return List.copyOf(lines);
    }
}
