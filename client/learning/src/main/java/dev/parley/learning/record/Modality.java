package dev.parley.learning.record;

import java.util.List;

/** What kind of evidence a record may carry, and its harmonised form. Every site of a federation has the same list. */
public sealed interface Modality {
    /** Unique within a schema: lower-case letters, digits, underscore. */
    String name();

    /**
     * A square image.
     *
     * @param channels 1 (grey) or 3 (RGB)
     * @param size side in pixels after harmonisation
     */
    record Image(String name, int channels, int size) implements Modality {}

    /**
     * Free text, after de-identification.
     *
     * @param vocabulary size of the shared hashing vocabulary of the token path
     * @param maxTokens longest token sequence kept
     * @param wideVocabulary buckets of the wide path (hashed uni- and bigrams); 0 for none
     */
    record Text(String name, int vocabulary, int maxTokens, int wideVocabulary) implements Modality {}

    /**
     * Sensor series on a common clock.
     *
     * @param steps samples in one window
     * @param rateHertz the declared rate after resampling
     */
    record Series(String name, List<Channel> channels, int steps, double rateHertz) implements Modality {
        public Series {
            channels = List.copyOf(channels);
        }
    }

    /** A row of values such as vitals and laboratory results at the time of the event. */
    record Table(String name, List<Channel> columns) implements Modality {
        public Table {
            columns = List.copyOf(columns);
        }
    }
}
