package dev.parley.agent.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.record.SiteRecord.Consent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConsentedRecordsTest {
    private static SiteRecord record(String id, Consent consent) {
        return new SiteRecord(
                id,
                "subject-" + id,
                "north",
                null,
                Map.of(),
                0,
                consent,
                new SiteRecord.Provenance("f.csv:1", List.of()));
    }

    @Test
    void keepsOnlyRecordsWhoseSubjectsAgreedToThePurpose() {
        List<SiteRecord> records = List.of(
                record("both", new Consent.Granted(Set.of("care", "research"))),
                record("care", new Consent.Granted(Set.of("care"))),
                record("none", new Consent.Granted(Set.of())),
                record("withdrawn", new Consent.Withdrawn(Instant.EPOCH)),
                record("research", new Consent.Granted(Set.of("research"))));

        ConsentedRecords usable = ConsentedRecords.select(records, "research");

        assertEquals(
                List.of("both", "research"),
                usable.records().stream().map(SiteRecord::recordId).toList());
        assertEquals(3, usable.withheld());
        assertFalse(usable.toString().contains("subject"));
    }
}
