package dev.parley.agent.connectors;

import dev.parley.agent.SiteData;
import dev.parley.learning.record.DatasetException;
import dev.parley.learning.record.DatasetManifest;
import dev.parley.learning.record.LoadedDataset;
import dev.parley.learning.record.Strictness;
import dev.parley.learning.record.SubjectSplit;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records in files that a {@code dataset.yaml} describes. A row that breaks a rule is left out. */
public final class ManifestRecords {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestRecords.class);

    private ManifestRecords() {}

    /**
     * Loads and splits the records; a {@link SiteData.Reader}. What was left out goes to the log in counts by rule: a row number
     * points at a person, so reasons stay out of it.
     *
     * @throws SiteData.UnusableException if the manifest or a file breaks a rule as a whole, or no record is left
     */
    public static SiteData read(Path manifest) throws SiteData.UnusableException {
        try {
            DatasetManifest read = DatasetManifest.read(manifest);
            LoadedDataset loaded = read.load(Strictness.QUARANTINE);
            loaded.quarantine()
                    .byRule()
                    .forEach((rule, rows) -> LOG.atWarn()
                            .addKeyValue("rule", rule)
                            .addKeyValue("withheld", rows)
                            .log("rows of the records break a rule and are left out"));
            SubjectSplit split = SubjectSplit.of(loaded.dataset().records(), read.split());
            return new SiteData(read.schema(), split.training(), split.heldOut(), loaded.quarantine());
        } catch (DatasetException e) {
            throw new SiteData.UnusableException(String.valueOf(e.getMessage()));
        }
    }
}
