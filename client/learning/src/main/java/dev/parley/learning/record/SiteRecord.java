package dev.parley.learning.record;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One record at a site (requirements A1): who, where, when, what was measured, what happened, what its subject agreed
 * to, and where it came from.
 *
 * @param recordId unique within the site
 * @param subjectId pseudonym of the person or machine; splits never separate a subject
 * @param siteId the site that holds the record
 * @param clock when, in UTC, with what is known of the clock; null where the source has no time
 * @param values the modalities that are present, by name; a missing modality is absent, never zero
 * @param label index into the schema's classes
 */
public record SiteRecord(
        String recordId,
        String subjectId,
        String siteId,
        @Nullable Clock clock,
        Map<String, ModalityValue> values,
        int label,
        Consent consent,
        Provenance provenance) {

    public SiteRecord {
        values = Map.copyOf(values);
    }

    /**
     * @param at event time in UTC, already corrected by {@code offset}
     * @param offset what was added to the source's clock
     * @param uncertainty half-width of what remains unknown
     */
    public record Clock(Instant at, Duration offset, Duration uncertainty) {}

    /** Uses to which the subject agreed. */
    public sealed interface Consent {
        /** The record may be used for the named purposes. */
        record Granted(java.util.Set<String> purposes) implements Consent {
            public Granted {
                purposes = java.util.Set.copyOf(purposes);
            }
        }

        /** Withdrawn: the record leaves every later round. */
        record Withdrawn(Instant since) implements Consent {}
    }

    /**
     * @param source file and row, for people at the site; never leaves it
     * @param steps preprocessing applied, in order, such as {@code "resize 64x64"}
     */
    public record Provenance(String source, java.util.List<String> steps) {
        public Provenance {
            steps = java.util.List.copyOf(steps);
        }
    }

    /** Never the content: a record identifies a person. */
    @Override
    public String toString() {
        return "SiteRecord[redacted]";
    }
}
