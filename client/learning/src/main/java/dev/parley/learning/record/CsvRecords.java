package dev.parley.learning.record;

import dev.parley.learning.record.ModalityReader.Identified;
import dev.parley.learning.record.RecordSource.CsvRows;
import dev.parley.learning.record.RecordSource.ExcerptColumns;
import dev.parley.learning.record.RecordSource.Fixed;
import dev.parley.learning.record.RecordSource.TimeColumn;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Loads the records that a CSV file lists. First all rows are read and told apart, then each becomes a record on its
 * own, on all cores; the result does not depend on how many there are.
 */
final class CsvRecords {
    /** A site's name is a file name, a key of reports and a word in messages. */
    static final Pattern SITE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private final CsvRows source;
    private final CsvFile csv;
    private final CsvFile.@Nullable Column id;
    private final CsvFile.Column subject;
    private final CsvFile.@Nullable Column site;
    private final CsvFile.Column label;
    private final CsvFile.@Nullable Column time;
    private final @Nullable ExcerptCells excerpt;
    private final ConsentReader consent;

    private CsvRecords(CsvRows source, CsvFile csv) throws DatasetException {
        this.source = source;
        this.csv = csv;
        this.id = source.id() == null ? null : csv.column(source.id(), "columns.id");
        this.subject = csv.column(source.subject(), "columns.subject");
        this.site = source.site() instanceof Fixed.Column named ? csv.column(named.column(), "columns.site") : null;
        this.label = csv.column(source.label(), "columns.label");
        TimeColumn timeColumn = source.time();
        this.time = timeColumn == null ? null : csv.column(timeColumn.column(), "columns.time");
        ExcerptColumns columns = source.excerpt();
        this.excerpt = columns == null
                ? null
                : new ExcerptCells(
                        csv.column(columns.recording(), "columns.excerpt.recording"),
                        csv.column(columns.startSeconds(), "columns.excerpt.start-seconds"),
                        csv.column(columns.labelShare(), "columns.excerpt.label-share"));
        this.consent = ConsentReader.open(source.consent(), csv);
    }

    /** One outcome for each row of the site or sites that are read, in file order. */
    static List<Outcome> load(DataFolder folder, CsvRows source) throws DatasetException {
        try (CsvFile csv = CsvFile.open(folder, source.file());
                Arena arena = Arena.ofShared()) {
            CsvRecords records = new CsvRecords(source, csv);
            Rows rows = records.tellApart();
            List<ModalityReader> readers = new ArrayList<>();
            for (ModalitySource modality : source.sources()) {
                readers.add(
                        modality.open(new ModalitySource.Opening(folder, csv, rows.recordIds(), rows.allIds(), arena)));
            }
            return rows.candidates().parallelStream()
                    .map(candidate -> records.outcome(candidate, readers))
                    .toList();
        }
    }

    private record ExcerptCells(CsvFile.Column recording, CsvFile.Column start, CsvFile.Column share) {
        /** @return null where no recording is named */
        SiteRecord.@Nullable Excerpt read(CsvFile.Row row) throws RowFault {
            if (row.cell(recording).isEmpty()) {
                return null;
            }
            double of = NumberCell.read(row, share);
            if (!(of > 0 && of <= 1)) {
                throw new RowFault(
                        RowFault.Rule.OUT_OF_RANGE,
                        row.where(share),
                        "a share above 0 and at most 1",
                        NumberCell.shown(of));
            }
            return new SiteRecord.Excerpt(row.cell(recording), NumberCell.read(row, start), of);
        }
    }

    /** A row with an id of its own, or the rule that it breaks already. */
    private sealed interface Candidate {
        record Known(Identified row, String subject, String site) implements Candidate {}

        record Faulty(RowFault fault) implements Candidate {}
    }

    private record Rows(List<Candidate> candidates, Set<String> recordIds, Set<String> allIds) {}

    private Rows tellApart() throws DatasetException {
        List<Candidate> candidates = new ArrayList<>();
        Map<String, Place> firstOfId = new HashMap<>();
        Set<String> recordIds = new HashSet<>();
        Map<String, Candidate.Known> firstOfSubject = new HashMap<>();
        for (CsvFile.Row row = csv.next(); row != null; row = csv.next()) {
            if (row.place().row() > Limits.RECORDS) {
                throw new DatasetException(source.file() + ": expected at most " + Limits.RECORDS + " rows, got more");
            }
            try {
                Candidate.Known known = identify(row, firstOfId);
                if (known == null) {
                    continue;
                }
                Candidate.Known first = firstOfSubject.putIfAbsent(known.subject(), known);
                if (first != null && !first.site().equals(known.site())) {
                    throw new DatasetException(row.where(subject)
                            + ": expected a subject to occur at one site only, got "
                            + "the subject of row " + first.row().row().place().row()
                            + " at another site; give it a pseudonym for each site, or the same site");
                }
                recordIds.add(known.row().id());
                candidates.add(known);
            } catch (RowFault fault) {
                candidates.add(new Candidate.Faulty(fault));
            }
        }
        return new Rows(candidates, recordIds, firstOfId.keySet());
    }

    /** @return null for a row of a site that is not read */
    private Candidate.@Nullable Known identify(CsvFile.Row row, Map<String, Place> firstOfId) throws RowFault {
        row.requireAllCells();
        String recordId = id == null ? String.valueOf(row.place().row()) : row.cell(id);
        Place first = recordId.isEmpty() ? null : firstOfId.putIfAbsent(recordId, row.place());
        String siteName = siteOf(row);
        if (source.onlySite() != null && !source.onlySite().equals(siteName)) {
            return null;
        }
        if (id != null && recordId.isEmpty()) {
            throw new RowFault(RowFault.Rule.MISSING_ID, row.where(id), "an id", "an empty cell");
        }
        if (id != null && first != null) {
            throw new RowFault(
                    RowFault.Rule.DUPLICATE_ID,
                    row.where(id),
                    "an id that occurs once",
                    "the id of row " + first.row());
        }
        if (!SITE_NAME.matcher(siteName).matches()) {
            throw new RowFault(
                    RowFault.Rule.SITE_NAME,
                    site == null ? row.place().toString() : row.where(site),
                    "1 to 63 letters, digits, '.', '_' and '-'",
                    RowFault.shown(siteName));
        }
        String subjectId = row.cell(subject);
        if (subjectId.isEmpty()) {
            throw new RowFault(RowFault.Rule.MISSING_SUBJECT, row.where(subject), "a subject", "an empty cell");
        }
        return new Candidate.Known(new Identified(row, recordId), subjectId, siteName);
    }

    private String siteOf(CsvFile.Row row) {
        return switch (source.site()) {
            case Fixed.Value fixed -> fixed.value();
            case Fixed.Column named -> site == null ? "" : row.cell(site);
        };
    }

    private Outcome outcome(Candidate candidate, List<ModalityReader> readers) {
        return switch (candidate) {
            case Candidate.Faulty faulty -> new Outcome.Refused(faulty.fault());
            case Candidate.Known known -> {
                try {
                    yield new Outcome.Loaded(record(known, readers));
                } catch (RowFault fault) {
                    yield new Outcome.Refused(fault);
                }
            }
        };
    }

    private SiteRecord record(Candidate.Known known, List<ModalityReader> readers) throws RowFault {
        CsvFile.Row row = known.row().row();
        int labelIndex = labelOf(row);
        SiteRecord.Clock clock = clockOf(row);
        SiteRecord.Consent agreed = consent.read(row);
        Map<String, ModalityValue> values = new LinkedHashMap<>();
        List<String> steps = new ArrayList<>();
        for (ModalityReader reader : readers) {
            ModalityValue value = reader.read(known.row());
            if (value != null) {
                values.put(reader.modality().name(), value);
                steps.add(reader.step());
            }
        }
        if (values.isEmpty()) {
            throw new RowFault(RowFault.Rule.NOTHING_MEASURED, row.place().toString(), "at least one modality", "none");
        }
        return new SiteRecord(
                known.row().id(),
                known.subject(),
                known.site(),
                clock,
                values,
                labelIndex,
                agreed,
                new SiteRecord.Provenance(row.place().toString(), steps),
                excerpt == null ? null : excerpt.read(row));
    }

    private int labelOf(CsvFile.Row row) throws RowFault {
        String cell = row.cell(label);
        Integer index = source.labels().get(cell);
        if (index == null) {
            throw new RowFault(
                    RowFault.Rule.UNKNOWN_LABEL,
                    row.where(label),
                    "one of " + source.labels().keySet(),
                    RowFault.shown(cell));
        }
        return index;
    }

    private SiteRecord.@Nullable Clock clockOf(CsvFile.Row row) throws RowFault {
        TimeColumn declared = source.time();
        if (declared == null || time == null || row.cell(time).isEmpty()) {
            return null;
        }
        return new SiteRecord.Clock(
                declared.format().read(row.cell(time), row.where(time)).plus(declared.offset()),
                declared.offset(),
                declared.uncertainty());
    }
}
