package dev.parley.learning.record;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where the records are listed, as the manifest declares it. */
sealed interface RecordSource {
    /** In the schema's order. */
    List<Modality> modalities();

    /**
     * One record a row.
     *
     * @param id column of the record's id; null for the row number
     * @param site of every record, or the column that names it
     * @param labels what the label column's words stand for
     * @param time null where the source has none
     * @param excerpt null where records are not said to be excerpts of recordings
     * @param onlySite rows of other sites are not read; null for all
     * @param sources of the modalities, in the schema's order
     */
    record CsvRows(
            String file,
            @Nullable String id,
            String subject,
            Fixed site,
            String label,
            Map<String, Integer> labels,
            @Nullable TimeColumn time,
            @Nullable ExcerptColumns excerpt,
            @Nullable String onlySite,
            ConsentRule consent,
            List<ModalitySource> sources)
            implements RecordSource {
        @Override
        public List<Modality> modalities() {
            return sources.stream().map(ModalitySource::modality).toList();
        }
    }

    /**
     * Images and labels in two IDX files; every image is a subject of its own.
     *
     * @param images glob of the one file of images
     * @param labels glob of the one file of labels
     * @param site of every record
     * @param purposes to which every subject agreed
     */
    record IdxPair(String images, String labels, String site, Set<String> purposes, Modality.Image modality)
            implements RecordSource {
        @Override
        public List<Modality> modalities() {
            return List.of(modality);
        }
    }

    /** One value for all records, or a column. */
    sealed interface Fixed {
        record Value(String value) implements Fixed {}

        record Column(String column) implements Fixed {}
    }

    /** @param offset what is added to the source's clock */
    record TimeColumn(String column, TimeFormat format, Duration offset, Duration uncertainty) {}

    /** Columns of the recording, of a record's start in it in seconds, and of the share of the record's label. */
    record ExcerptColumns(String recording, String startSeconds, String labelShare) {}

    /** What subjects agreed to. */
    sealed interface ConsentRule {
        record Everyone(Set<String> purposes) implements ConsentRule {}

        record Column(String column) implements ConsentRule {}
    }
}
