package dev.parley.sim.world;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.Closeable;
import java.io.IOException;

/** {@code records.csv} of a synthetic site, with the columns that {@link ManifestText} declares. */
final class RecordTable implements Closeable {
    private final CsvWriter rows;
    private final SiteProfile site;

    RecordTable(DatasetFolder folder, SiteProfile site) throws IOException {
        this.rows = folder.table(
                "records.csv", "record_id", "subject_id", "taken_at", "label", "consent", "image_file", "note");
        this.site = site;
    }

    /**
     * Writes one row; its time is what the site's clock showed.
     *
     * @param image path of the image; empty where it is missing
     * @param note empty where it is missing
     */
    void write(Visit visit, String className, String image, String note) {
        String shown = visit.at().minus(site.clockOffset()).toString();
        rows.writeRecord(visit.id(), visit.subject(), shown, className, visit.consent(), image, note);
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
