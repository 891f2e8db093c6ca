package dev.parley.learning.record;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where the records are listed, as the manifest declares it. */
sealed interface RecordSource {
    /**
     * One record a row.
     *
     * @param id column of the record's id; null for the row number
     * @param site of every record, or the column that names it
     * @param labels what the label column's words stand for
     * @param time null where the source has none
     * @param onlySite rows of other sites are not read; null for all
     */
    record CsvRows(
            String file,
            @Nullable String id,
            String subject,
            Fixed site,
            String label,
            Map<String, Integer> labels,
            @Nullable TimeColumn time,
            @Nullable String onlySite)
            implements RecordSource {}

    /** Images and labels in two IDX files; every image is a subject of its own. */
    record IdxPair(String images, String labels, String site) implements RecordSource {}

    /** One value for all records, or a column. */
    sealed interface Fixed {
        record Value(String value) implements Fixed {}

        record Column(String column) implements Fixed {}
    }

    /** @param offset what is added to the source's clock */
    record TimeColumn(String column, TimeFormat format, Duration offset, Duration uncertainty) {}

    /** What subjects agreed to. */
    sealed interface ConsentRule {
        record Everyone(Set<String> purposes) implements ConsentRule {}

        record Column(String column) implements ConsentRule {}
    }
}
