package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetLoadingTest {
    @TempDir
    private Path folder;

    private SampleFolder sample;

    @BeforeEach
    void write() throws Exception {
        sample = new SampleFolder(folder);
    }

    private SiteRecord first() throws DatasetException {
        return sample.load().dataset().records().getFirst();
    }

    /** Also that the message shows no text of a record. */
    private DatasetException refused() {
        DatasetException refused = assertThrows(DatasetException.class, () -> sample.load());
        String message = String.valueOf(refused.getMessage());
        assertFalse(message.contains("\n"), message);
        assertFalse(message.contains(SampleFolder.CANARY), message);
        assertNull(refused.getCause());
        return refused;
    }

    private void refusedWith(String... parts) {
        String message = String.valueOf(refused().getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void everyKindOfModalityIsLoaded() throws Exception {
        LoadedDataset loaded = sample.load();

        assertEquals(0, loaded.quarantine().count());
        assertEquals(SampleFolder.ROWS, loaded.dataset().records().size());
        assertEquals(
                List.of("scan", "note", "labs", "motion", "heat", "vitals", "shake"),
                loaded.dataset().schema().modalityNames());
        SiteRecord first = loaded.dataset().records().getFirst();
        assertEquals("r0", first.recordId());
        assertEquals("s0", first.subjectId());
        assertEquals("north", first.siteId());
        assertEquals(0, first.label());
        assertEquals(new SiteRecord.Consent.Granted(Set.of("research", "care")), first.consent());
        assertEquals("records.csv row 1 (line 2)", first.provenance().source());
        assertEquals(7, first.provenance().steps().size());
        assertEquals(
                new SiteRecord.Clock(
                        Instant.parse("2026-01-31T08:28:30Z"), Duration.ofSeconds(-90), Duration.ofMillis(2500)),
                first.clock());
        assertEquals(51 / 255f, ((ModalityValue.Image) first.values().get("scan")).pixels()[1]);
        assertEquals(4, ((ModalityValue.Text) first.values().get("note")).tokens().length);
    }

    @Test
    void tablesAreConvertedAndScaled() throws Exception {
        var labs = (ModalityValue.Table) first().values().get("labs");

        assertArrayEquals(new float[] {2 * 50f / 120 - 1, 2 * 7f / 15 - 1, -1}, labs.values(), 1e-6f);
        assertArrayEquals(new boolean[] {true, true, true}, labs.observed());
    }

    @Test
    void emptyNaAndNanAreMissingInTables() throws Exception {
        sample.change("records.csv", ",50,94,F,0", ",NA,nan,,0");

        assertNull(first().values().get("labs"));
    }

    @Test
    void aBinaryWindowIsResampledInDeclaredChannelOrder() throws Exception {
        var motion = (ModalityValue.Series) first().values().get("motion");

        // Stored at 10 Hz: z is 2.0, 2.1 ... 2.9 and x is 0, 0.1 ... 0.9 m/s2; declared at 5 Hz.
        assertArrayEquals(
                new float[] {0.20f, 0.22f, 0.24f, 0.26f, 0.28f, 0, 0.02f, 0.04f, 0.06f, 0.08f}, motion.values(), 1e-6f);
        for (boolean observed : motion.observed()) {
            assertTrue(observed);
        }
    }

    @Test
    void longRowsAreMatchedToTheGrid() throws Exception {
        sample.change("vitals.csv", "r0,2,hr,80\n", """
                r0,2.2,hr,90
                r0,2.1,hr,80
                r0,2.3,hr,240
                r0,-0.2,hr,60
                r0,0.5,hr,61
                r0,7,hr,9999
                r0,3,lactate,2
                """);
        var vitals = (ModalityValue.Series) first().values().get("vitals");

        // The later of 2.1 and 2.2 h counts for step 2; 2.3 h is beyond the tolerance, 7 h beyond the window.
        boolean[] observed = {true, false, true, false, false, true, false, false};
        assertArrayEquals(observed, vitals.observed());
        Channel rate = new Channel("heart_rate", "1/min", 20, 250);
        assertEquals(rate.scaled(70), vitals.values()[0]);
        assertEquals(rate.scaled(90), vitals.values()[2]);
        assertEquals(0, vitals.values()[1]);
        assertEquals(new Channel("spo2", "%", 0, 100).scaled(98), vitals.values()[5]);
    }

    @Test
    void wideRowsAreMatchedToTheGrid() throws Exception {
        var shake = (ModalityValue.Series) first().values().get("shake");

        assertArrayEquals(new boolean[] {true, true, false, true}, shake.observed());
        assertArrayEquals(new float[] {0.1f, 0.2f, 0, 0.4f}, shake.values(), 1e-6f);
    }

    @Test
    void aSeriesWithoutAMeasurementInTheWindowIsMissing() throws Exception {
        sample.change("vitals.csv", "r0,", "r0x,");

        assertFalse(first().values().containsKey("vitals"));
        assertTrue(first().values().containsKey("shake"));
    }

    @Test
    void emptyCellsAreMissingModalities() throws Exception {
        sample.change("records.csv", "images/0.png,\"Dr " + SampleFolder.CANARY + ", no fever\",50,94,F,0", ",,,,,");

        assertEquals(Set.of("vitals", "shake"), first().values().keySet());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                | Granted[purposes=[]]
            withdrawn                         | Withdrawn[since=1970-01-01T00:00:00Z]
            withdrawn:2026-01-31T00:00:00Z    | Withdrawn[since=2026-01-31T00:00:00Z]
            research                          | Granted[purposes=[research]]
            """)
    void consentIsRead(String cell, String consent) throws Exception {
        sample.change("records.csv", "research;care,images/0", cell + ",images/0");

        assertEquals(consent, first().consent().toString());
    }

    @Test
    void anExcerptSaysWhereInARecordingARecordIs() throws Exception {
        // Any columns of the right kind will do: a note, an age of 50 and a window of 0 or 1.
        sample.manifest(
                "time: {column: taken_at, offset-seconds: -90, uncertainty-seconds: 2.5}",
                "excerpt: {recording: note, start-seconds: age, label-share: window}");

        LoadedDataset loaded = sample.load();

        // Window 1 is a share of 1; 0 and those above 1 are no shares.
        assertEquals(1, loaded.dataset().records().size());
        SiteRecord.Excerpt excerpt = java.util.Objects.requireNonNull(
                loaded.dataset().records().getFirst().excerpt());
        assertEquals(1, excerpt.labelShare());
        assertEquals(51, excerpt.startSeconds());
        assertEquals(
                Map.of("out-of-range", SampleFolder.ROWS - 1),
                loaded.quarantine().byRule());
        assertTrue(
                loaded.quarantine()
                        .firstReasons()
                        .getFirst()
                        .contains("column window: expected a share above 0 and at most 1, got 0"),
                loaded.quarantine().firstReasons().getFirst());
    }

    @Test
    void aRecordOfNoRecordingIsNoExcerpt() throws Exception {
        sample.manifest(
                "time: {column: taken_at, offset-seconds: -90, uncertainty-seconds: 2.5}",
                "excerpt: {recording: sex, start-seconds: age, label-share: age}");
        sample.change("records.csv", ",50,94,F,0", ",50,94,,0");

        assertNull(first().excerpt());
    }

    /** The row's first fault, as a count and as a reason; every other row is loaded. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            records.csv | ,50,94,F,0     | ,430,94,F,0          | out-of-range     | records.csv row 1 (line 2), column age: expected 0..120 years, got 430
            records.csv | ,50,94,F,0     | ,CANARY,94,F,0       | not-a-number     | records.csv row 1 (line 2), column age: expected a number with a decimal point, got a text of 14 characters (not shown)
            records.csv | ,50,94,F,0     | ,'\\"5,1\\"',94,F,0  | not-a-number     | column age: expected a number with a decimal point
            records.csv | ,50,94,F,0     | ,0x1p3,94,F,0        | not-a-number     | column age: expected a number
            records.csv | ,50,94,F,0     | ,50,94,CANARY,0      | unknown-value    | column sex: expected one of [F, M], got a text of 14
            records.csv | ,50,94,F,0     | ,50,94,F,8           | window-index     | column window: expected a window of motion.i16, a whole number from 0 to 7, got 8
            records.csv | ,50,94,F,0     | ,50,94,F,-1          | window-index     | got -1
            records.csv | ,50,94,F,0     | ,50,94,F,0.5         | window-index     | got 0.5
            records.csv | ,50,94,F,0     | ,50,94,F             | cell-count       | records.csv row 1 (line 2): expected 12 cells as in the header, got 11
            records.csv | r0,s0,north,0  | r0,s0,north,CANARY   | unknown-label    | column label: expected one of [0, 1], got a text of 14 characters (not shown)
            records.csv | r0,s0,north,0  | r0,s0,north,2        | unknown-label    | column label: expected one of [0, 1], got 2
            records.csv | r0,s0,north,0  | r0,s0,north,         | unknown-label    | column label: expected one of [0, 1], got an empty cell
            records.csv | r0,s0,north,0  | r0,,north,0          | missing-subject  | column subject: expected a subject, got an empty cell
            records.csv | r0,s0,north,0  | ,s0,north,0          | missing-id       | column id: expected an id, got an empty cell
            records.csv | r0,s0,north,0  | r0,sX,my CANARY,0    | site-name        | column site: expected 1 to 63 letters
            records.csv | r1,s0,north    | r0,s0,north          | duplicate-id     | records.csv row 2 (line 3), column id: expected an id that occurs once, got the id of row 1
            records.csv | r0,s0,north,0,2026-01-31 08:30:00 | r0,s0,north,0,31.01.2026 | time-format | column taken_at: expected a time such as 2026-01-31T08:30:00Z, got a text of 10
            records.csv | research;care,images/0 | CANARY,images/0 | consent-format | column consent: expected purposes such as research
            records.csv | research;care,images/0 | ;,images/0     | consent-format  | column consent
            records.csv | images/0.png   | images/CANARY.png    | missing-file     | column file: expected a file that is there, got no such file
            records.csv | images/0.png   | ../CANARY.png        | unsafe-path      | column file: expected a path inside the data folder, got one with '..'
            records.csv | images/0.png   | images/../0.png      | unsafe-path      | got one with '..'
            records.csv | images/0.png   | /etc/hostname        | unsafe-path      | expected a path relative to the data folder, got an absolute path
            records.csv | images/0.png   | images               | missing-file     | expected a regular file, got a folder
            records.csv | images/0.png   | vitals.csv           | image-format     | column file: expected a PNG or JPEG file, got a file of another form
            vitals.csv  | r0,0,hr,70     | r0,0,hr,700          | out-of-range     | vitals.csv row 1 (line 2), column value: expected 20..250 1/min, got 700
            vitals.csv  | r0,0,hr,70     | r0,0,hr,NaN          | nan-in-series    | vitals.csv row 1 (line 2), column value: expected a number or an empty cell, got NaN
            vitals.csv  | r0,0,hr,70     | r0,CANARY,hr,70      | not-a-number     | vitals.csv row 1 (line 2), column hours: expected a number
            shake.csv   | r0,100,2       | r0,100,11            | out-of-range     | shake.csv row 2 (line 3), column volts: expected -20..20 mm/s, got 22
            """)
    void aRowThatBreaksARuleIsCountedAndExplained(String file, String from, String to, String rule, String reason)
            throws Exception {
        sample.change(
                file,
                from,
                to.replace("CANARY", SampleFolder.CANARY).replace("'\\\"", "\"").replace("\\\"'", "\""));

        Quarantine quarantine = sample.load().quarantine();

        assertEquals(Map.of(rule, 1), quarantine.byRule());
        assertEquals(1, quarantine.firstReasons().size());
        String got = quarantine.firstReasons().getFirst();
        assertTrue(got.contains(reason), got);
        assertTrue(got.endsWith("[" + rule + "]"), got);
        assertFalse(got.contains(SampleFolder.CANARY), got);
        assertEquals(SampleFolder.ROWS - 1, sample.load().dataset().records().size());
        DatasetException strict =
                assertThrows(DatasetException.class, () -> sample.read().load(Strictness.STRICT));
        assertTrue(String.valueOf(strict.getMessage()).startsWith(got), strict.getMessage());
    }

    @Test
    void noTextOfARecordIsInAnyDescription() throws Exception {
        LoadedDataset loaded = sample.change("records.csv", "r0,s0", "r0," + SampleFolder.CANARY)
                .load();
        StringBuilder all = new StringBuilder(loaded.toString());
        for (SiteRecord record : loaded.dataset().records()) {
            all.append(record).append(record.provenance());
            record.values().values().forEach(all::append);
        }

        assertFalse(all.toString().contains(SampleFolder.CANARY));
    }

    @Test
    void aTruncatedImageIsQuarantined() throws Exception {
        Path image = sample.path("images/3.png");
        byte[] bytes = Files.readAllBytes(image);
        Files.write(image, java.util.Arrays.copyOf(bytes, bytes.length - 9));

        Quarantine quarantine = sample.load().quarantine();

        assertEquals(Map.of("unreadable-image", 1), quarantine.byRule());
        assertTrue(
                quarantine
                        .firstReasons()
                        .getFirst()
                        .startsWith(
                                "records.csv row 4 (line 5), column file: expected a whole, readable image, got a PNG"),
                quarantine.firstReasons().getFirst());
    }

    @Test
    void aLinkOutOfTheFolderIsRefusedAndOneInsideIsFollowed(@TempDir Path elsewhere) throws Exception {
        Path outside = Files.copy(sample.path("images/0.png"), elsewhere.resolve("0.png"));
        Files.delete(sample.path("images/0.png"));
        Files.createSymbolicLink(sample.path("images/0.png"), outside);
        Files.delete(sample.path("images/1.png"));
        Files.createSymbolicLink(sample.path("images/1.png"), sample.path("images/2.png"));

        Quarantine quarantine = sample.load().quarantine();

        assertEquals(Map.of("unsafe-path", 1), quarantine.byRule());
        assertTrue(quarantine.firstReasons().getFirst().contains("got a link that leads out of it"));
        Files.move(sample.path("records.csv"), elsewhere.resolve("records.csv"));
        Files.createSymbolicLink(sample.path("records.csv"), elsewhere.resolve("records.csv"));
        refusedWith("file records.csv: expected a file inside the data folder, got a link that leads out of it");
    }

    @Test
    void aNanInABinarySeriesIsQuarantined() throws Exception {
        byte[] bytes = Files.readAllBytes(sample.path("heat.f32"));
        java.nio.ByteBuffer.wrap(bytes)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putFloat(2 * 16 + 8, Float.NaN)
                .putFloat(5 * 16, Float.POSITIVE_INFINITY);
        Files.write(sample.path("heat.f32"), bytes);

        Quarantine quarantine = sample.load().quarantine();

        assertEquals(Map.of("nan-in-series", 1, "out-of-range", 1), quarantine.byRule());
        assertEquals(
                "records.csv row 3 (line 4), column window (heat.f32 window 2, channel core, step 2): expected a number, got NaN"
                        + " [nan-in-series]",
                quarantine.firstReasons().getFirst());
    }

    @Test
    void reasonsAreBoundedAndCountsAreNot() throws Exception {
        StringBuilder rows = new StringBuilder(Files.readString(sample.path("records.csv")));
        for (int i = 0; i < 50; i++) {
            rows.append("x,y\n");
        }
        Files.writeString(sample.path("records.csv"), rows);

        Quarantine quarantine = sample.load().quarantine();

        assertEquals(50, quarantine.count());
        assertEquals(20, quarantine.firstReasons().size());
        assertEquals("Quarantine{cell-count=50}", quarantine.toString());
    }

    @Test
    void aSubjectAtTwoSitesFailsTheLoad() throws Exception {
        sample.change("records.csv", "r5,s2,south", "r5,s0,south");

        refusedWith(
                "records.csv row 6 (line 7), column subject: expected a subject to occur at one site only", "row 1 at");
    }

    @Test
    void aBinaryFileOfAnotherSizeFailsTheLoad() throws Exception {
        byte[] bytes = Files.readAllBytes(sample.path("motion.i16"));
        Files.write(sample.path("motion.i16"), java.util.Arrays.copyOf(bytes, bytes.length - 1));

        refusedWith("motion.i16: expected a multiple of 60 bytes (3 channels x 10 steps x 2 bytes", "got 479 bytes");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            subject: subject       | subject: Subject_ | records.csv: expected a column 'Subject_' (columns.subject of the manifest), got a header of 12 columns without it; nearly the same is 'subject'
            column: note           | column: text      | records.csv: expected a column 'text' (modalities.note.column of the manifest), got a header of 12 columns without it
            index: window, channels: 3 | index: i, channels: 3 | expected a column 'i' (modalities.motion.source.index
            'measure, value: value' | 'measure, value: v' | vitals.csv: expected a column 'v'
            from: volts            | from: ampere      | shake.csv: expected a column 'ampere' (modalities.shake.channels
            from: hr               | from: pulse       | ''
            csv: records.csv       | csv: rows.csv     | file rows.csv: expected a file that is there, got no such file
            binary: heat.f32       | binary: heat      | file heat: expected a file that is there
            column: consent        | column: agreed    | expected a column 'agreed' (consent.column
            """)
    void aMissingFileOrColumnFailsTheLoad(String from, String to, String message) throws Exception {
        sample.manifest(from, to);
        if (message.isEmpty()) {
            // A channel that one site lacks is no error as long as another is there.
            assertEquals(0, sample.load().quarantine().count());
            return;
        }

        refusedWith(message);
    }

    @Test
    void channelsOrRecordsWithoutAnythingInCommonFailTheLoad() throws Exception {
        sample.manifest("from: hr", "from: pulse").manifest("name: spo2", "name: oxygen");
        refusedWith("vitals.csv: expected channels named [pulse, oxygen] in column measure");

        sample.manifest("from: pulse", "from: hr").change("vitals.csv", "\nr", "\nq");
        refusedWith("vitals.csv: expected measurements of records in column id", "got no row whose id is in");
    }

    @Test
    void onlyOneSiteIsReadIfTheManifestSaysSo() throws Exception {
        sample.manifest("split:", "only-site: south\nsplit:").change("records.csv", "r0,s0,north,0", "r0,s0,north,9");

        LoadedDataset loaded = sample.load();

        assertEquals(0, loaded.quarantine().count());
        assertEquals(Set.of("south"), loaded.dataset().bySite().keySet());
        assertEquals(4, loaded.dataset().records().size());
        sample.manifest("only-site: south", "only-site: east");
        refusedWith("dataset.yaml: expected at least one usable record, got no row of the site 'east' (only-site)");
    }

    @Test
    void aDatasetOfWhichNothingIsLeftIsAnError() throws Exception {
        sample.manifest("maximum: 120", "maximum: 12");

        refusedWith("expected at least one usable record, got 8 rows that break a rule, first: records.csv row 1");
    }

    @Test
    void brokenCsvFailsTheLoad() throws Exception {
        String records = Files.readString(sample.path("records.csv"));

        Files.writeString(sample.path("records.csv"), records + "r9,\"s9,north");
        refusedWith("records.csv: expected every quoted cell to be closed, got an odd number of quotes");
        Files.writeString(sample.path("records.csv"), records + "r9,\"s9\"x,north\n");
        refusedWith("records.csv after row 8: expected CSV by RFC 4180");
        Files.write(sample.path("records.csv"), records.replace("Dr", "Grüße").getBytes(StandardCharsets.ISO_8859_1));
        refusedWith("records.csv after row ", "expected text in UTF-8");
        Files.writeString(sample.path("records.csv"), "");
        refusedWith("records.csv: expected a header row, got an empty file");
        Files.writeString(sample.path("records.csv"), records.replaceFirst("site", "subject"));
        refusedWith("records.csv: expected each column of the header once", "column 3");
        Files.writeString(sample.path("records.csv"), records + "\"" + "x".repeat(Limits.CELL_CHARACTERS + 1) + "\"");
        refusedWith("records.csv after row 8: expected CSV by RFC 4180 with cells of at most 1048576 characters");
    }

    @Test
    void aByteOrderMarkAndQuotedHeadersAreTolerated() throws Exception {
        Files.writeString(
                sample.path("records.csv"),
                "\uFEFF" + Files.readString(sample.path("records.csv")).replaceFirst("id,subject", "\"id\",subject"));

        assertEquals("r0", first().recordId());
    }

    @Test
    void aTextThatIsTooLongIsQuarantined() throws Exception {
        sample.change("records.csv", "images/0.png,\"Dr", "images/0.png,\"" + "a ".repeat(Limits.TEXT_CHARACTERS / 2));

        assertEquals(Map.of("text-length", 1), sample.load().quarantine().byRule());
    }

    @Test
    void theRowNumberIsTheIdWhereNoneIsDeclared() throws Exception {
        sample.manifest("  id: id\n", "").manifest("record: id, time: hours", "record: id, time: hours");
        sample.change("vitals.csv", "\nr", "\n").change("shake.csv", "\nr", "\n");

        assertEquals("1", first().recordId());
    }
}
