package dev.parley.learning.record;

import dev.parley.learning.record.RecordSource.ConsentRule;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a row's subject agreed to: purposes separated by ';', or {@code withdrawn}, or {@code withdrawn:} and a time. An
 * empty cell grants nothing; anything else breaks a rule, so nothing is granted by mistake.
 */
final class ConsentReader {
    /** The same words that {@code agent.yaml} takes for a purpose. */
    static final Pattern PURPOSE = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");

    /** The time of a withdrawal that does not say when: before everything. */
    static final Instant ALWAYS = Instant.EPOCH;

    private static final String WITHDRAWN = "withdrawn";

    private final SiteRecord.Consent everyone;
    private final CsvFile.@Nullable Column column;

    private ConsentReader(SiteRecord.Consent everyone, CsvFile.@Nullable Column column) {
        this.everyone = everyone;
        this.column = column;
    }

    static ConsentReader open(ConsentRule rule, CsvFile csv) throws DatasetException {
        return switch (rule) {
            case ConsentRule.Everyone everyone ->
                new ConsentReader(new SiteRecord.Consent.Granted(everyone.purposes()), null);
            case ConsentRule.Column named ->
                new ConsentReader(
                        new SiteRecord.Consent.Granted(Set.of()), csv.column(named.column(), "consent.column"));
        };
    }

    SiteRecord.Consent read(CsvFile.Row row) throws RowFault {
        if (column == null || row.cell(column).isEmpty()) {
            return everyone;
        }
        String cell = row.cell(column);
        if (cell.equals(WITHDRAWN)) {
            return new SiteRecord.Consent.Withdrawn(ALWAYS);
        }
        if (cell.startsWith(WITHDRAWN + ":")) {
            return new SiteRecord.Consent.Withdrawn(
                    TimeFormat.ISO.read(cell.substring(WITHDRAWN.length() + 1).strip(), row.where(column)));
        }
        Set<String> purposes = new HashSet<>();
        for (String purpose : cell.split(";", -1)) {
            if (!PURPOSE.matcher(purpose.strip()).matches()) {
                throw new RowFault(
                        RowFault.Rule.CONSENT_FORMAT,
                        row.where(column),
                        "purposes such as research separated by ';', or withdrawn, or withdrawn:TIME",
                        RowFault.shown(cell));
            }
            purposes.add(purpose.strip());
        }
        return new SiteRecord.Consent.Granted(purposes);
    }
}
