package dev.parley.learning.record;

import org.jspecify.annotations.Nullable;

/** Brings one modality of a row into its harmonised form. Safe for use by several threads. */
interface ModalityReader {
    Modality modality();

    /** What is done to the stored value, for the provenance of each record. */
    String step();

    /** The value, or null where the row has none. */
    @Nullable
    ModalityValue read(Identified row) throws RowFault;

    /** A row of the records file and the id of its record. */
    record Identified(CsvFile.Row row, String id) {
        /** Never the id. */
        @Override
        public String toString() {
            return row.toString();
        }
    }
}
