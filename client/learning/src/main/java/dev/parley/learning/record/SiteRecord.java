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
 * @param excerpt where in a longer recording the series of this record were cut; null where nothing says so
 */
public record SiteRecord(
        String recordId,
        String subjectId,
        String siteId,
        @Nullable Clock clock,
        Map<String, ModalityValue> values,
        int label,
        Consent consent,
        Provenance provenance,
        @Nullable Excerpt excerpt) {

    public SiteRecord {
        values = Map.copyOf(values);
    }

    /** A record that is no excerpt of a longer recording, or of which nobody says so. */
    public SiteRecord(
            String recordId,
            String subjectId,
            String siteId,
            @Nullable Clock clock,
            Map<String, ModalityValue> values,
            int label,
            Consent consent,
            Provenance provenance) {
        this(recordId, subjectId, siteId, clock, values, label, consent, provenance, null);
    }

    /**
     * The stretch of a longer recording that a record is.
     *
     * @param recording unique among the subject's recordings
     * @param startSeconds since the recording began
     * @param labelShare share of the record's time that is of its class, in (0, 1]
     */
    public record Excerpt(String recording, double startSeconds, double labelShare) {
        public Excerpt {
            if (!Double.isFinite(startSeconds) || !(labelShare > 0 && labelShare <= 1)) {
                throw new IllegalArgumentException("an excerpt starts at a time and has a share in (0, 1], got "
                        + startSeconds + " s and " + labelShare);
            }
        }
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
