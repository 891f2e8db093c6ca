package dev.parley.agent.egress;

import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.record.SiteRecord.Consent;
import java.util.List;

/**
 * Records whose subjects agreed to one purpose. Training and evaluation take no other: {@link #select} is the only way to
 * make one.
 *
 * <p><b>Guarantees</b>: no record whose consent is withdrawn or lacks the purpose. <b>Does not</b> know of consent that the
 * data folder does not state.
 */
public final class ConsentedRecords {
    private final String purpose;
    private final List<SiteRecord> records;
    private final int withheld;

    private ConsentedRecords(String purpose, List<SiteRecord> records, int withheld) {
        this.purpose = purpose;
        this.records = records;
        this.withheld = withheld;
    }

    /** Those of {@code records} that may be used for {@code purpose}, in their order. */
    public static ConsentedRecords select(List<SiteRecord> records, String purpose) {
        List<SiteRecord> usable = records.stream()
                .filter(record -> covers(record.consent(), purpose))
                .toList();
        return new ConsentedRecords(purpose, usable, records.size() - usable.size());
    }

    private static boolean covers(Consent consent, String purpose) {
        return switch (consent) {
            case Consent.Granted granted -> granted.purposes().contains(purpose);
            case Consent.Withdrawn withdrawn -> false;
        };
    }

    /** The use that every subject agreed to. */
    public String purpose() {
        return purpose;
    }

    public List<SiteRecord> records() {
        return records;
    }

    /** How many records were left out. */
    public int withheld() {
        return withheld;
    }

    @Override
    public String toString() {
        return "ConsentedRecords[" + records.size() + " for " + purpose + ", " + withheld + " withheld]";
    }
}
