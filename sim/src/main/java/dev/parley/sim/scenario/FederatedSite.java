package dev.parley.sim.scenario;

import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.rounds.SiteName;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * One site of a run, with the records that it may use.
 *
 * @param name under which it is enrolled
 * @param label what its records call it, for people
 * @param training to train on
 * @param heldOut to score on; of other subjects
 * @param quarantined rows of its own dataset that broke a rule; 0 where several sites share one file
 * @param dataset where a process of its own would read the same records; empty if the site exists in this run only
 */
public record FederatedSite(
        SiteName name,
        String label,
        ConsentedRecords training,
        ConsentedRecords heldOut,
        int quarantined,
        Optional<DatasetFile> dataset) {

    /**
     * @param manifest describes the records
     * @param onlySite the site whose rows are meant, where the file has several
     */
    public record DatasetFile(Path manifest, Optional<String> onlySite) {}

    /** The name under which a site with this label enrols: lower case, with hyphens for whatever a name cannot have. */
    static SiteName named(String label) {
        String form =
                label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        String bounded = form.length() > 63 ? form.substring(0, 63).replaceAll("-$", "") : form;
        return new SiteName(bounded.isEmpty() ? "site" : bounded);
    }

    @Override
    public String toString() {
        return "FederatedSite[" + name + ", " + training.records().size() + " + "
                + heldOut.records().size() + " records]";
    }
}
