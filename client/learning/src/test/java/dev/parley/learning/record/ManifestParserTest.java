package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestParserTest {
    private static DatasetManifest parse(String text) throws DatasetException {
        return DatasetManifest.parse("dataset.yaml", text, Path.of("/data"));
    }

    @Test
    void readsEverything() throws Exception {
        DatasetManifest manifest = parse(SampleFolder.MANIFEST);

        RecordSchema schema = manifest.schema();
        assertEquals(List.of("well", "ill"), schema.classes());
        assertEquals(new Modality.Image("scan", 1, 8), schema.modalities().get(0));
        assertEquals(
                new Modality.Text("note", 256, 16, 512), schema.modalities().get(1));
        assertEquals(
                new Modality.Series("heat", List.of(new Channel("core", "degC", 0, 100)), 4, 1),
                schema.modalities().get(4));
        assertEquals(new SplitRule(0.25, 5), manifest.split());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            format: parley-dataset-1  | format: parley-dataset-2       | dataset.yaml:1: format = parley-dataset-2: expected parley-dataset-1
            `format: parley-dataset-1` | `# none`                      | dataset.yaml:1: format: is missing
            classes: [well, ill]      | classes: [well]                | dataset.yaml:2: classes: expected 2 to 1000 classes, got 1
            classes: [well, ill]      | classes: [well, well]          | dataset.yaml:2: classes: expected each class once
            classes: [well, ill]      | clases: [well, ill]            | dataset.yaml:2: clases: unknown key; known here: classes
            records: {csv: records.csv} | records: {json: r}           | dataset.yaml:3: records: expected either {csv: FILE}
            csv: records.csv          | csv: ../records.csv            | dataset.yaml:3: records.csv = ../records.csv: expected a path inside the data folder
            csv: records.csv          | csv: a/../records.csv          | dataset.yaml:3: records.csv = a/../records.csv: expected a path inside
            csv: records.csv          | csv: /records.csv              | dataset.yaml:3: records.csv = /records.csv: expected a path inside the data folder
            subject: subject          | subjects: subject              | dataset.yaml:5: columns.subject: is missing
            `site: {column: site}`    | site: site                     | dataset.yaml:7: columns.site: expected a nested block
            `site: {column: site}`    | `site: {value: my ward}`       | dataset.yaml:7: columns.site.value = my ward: expected 1 to 63 letters
            '1': ill                  | '1': sick                      | dataset.yaml:8: columns.label.values.1 = sick: expected one of the classes [well, ill]
            offset-seconds: -90       | offset-seconds: soon           | dataset.yaml:9: columns.time.offset-seconds = soon: expected a number from
            column: taken_at          | column: taken_at, format: us   | dataset.yaml:9: columns.time.format = us: allowed are iso and epoch-seconds
            `consent: {column: consent}` | ``                          | dataset.yaml:1: consent: expected {purposes: [research]}
            `consent: {column: consent}` | `consent: {purposes: [All of it]}` | dataset.yaml:10: consent.purposes = All of it: expected a word
            `scan: {type: image`      | `Scan: {type: image`           | dataset.yaml:12: modalities.Scan: expected a name of 1 to 32 lower-case letters
            type: image               | type: picture                  | dataset.yaml:12: modalities.scan.type = picture: allowed are image, text, table and series
            channels: 1, size: 8      | channels: 2, size: 8           | dataset.yaml:12: modalities.scan.channels: expected 1 (grey) or 3 (RGB)
            size: 8                   | size: 8000                     | dataset.yaml:12: modalities.scan.size = 8000: expected a whole number from 4 to 1024
            size: 8                   | size: 8, depth: 16             | dataset.yaml:12: modalities.scan.depth: unknown key
            maximum: 120              | maximum: -1                    | dataset.yaml:17: modalities.labs.columns[0].maximum: expected a number above minimum
            maximum: 120              | maximum: .nan                  | dataset.yaml:17: modalities.labs.columns[0].maximum = .nan: expected a number from
            name: temperature         | name: age                      | dataset.yaml:16: modalities.labs.columns: expected each name once, got 'age' twice
            int16-le                  | int16                          | dataset.yaml:22: modalities.motion.source.format = int16: allowed are int16-le and float32-le
            at: 2                     | at: 3                          | dataset.yaml:25: modalities.motion.channels: expected 'at' from 0 to 2
            scale: 2                  | scale: 0                       | modalities.shake.channels[0].scale: expected a number other than 0
            `time-unit: hours, `      | ``                             | modalities.vitals.source.time-unit: is missing
            time-unit: milliseconds   | time-unit: ms                  | modalities.shake.source.time-unit = ms: allowed are milliseconds, seconds
            held-out: 0.25            | held-out: 25                   | split.held-out = 25: expected a number from 0 to 0.9
            """)
    void saysFileLineKeyAndRule(String from, String to, String message) {
        assertTrue(SampleFolder.MANIFEST.contains(from), from);

        DatasetException refused =
                assertThrows(DatasetException.class, () -> parse(SampleFolder.MANIFEST.replace(from, to)));

        assertTrue(String.valueOf(refused.getMessage()).contains(message), refused.getMessage());
        assertTrue(String.valueOf(refused.getMessage()).startsWith("dataset.yaml:"), refused.getMessage());
        assertFalse(String.valueOf(refused.getMessage()).contains("\n"), refused.getMessage());
    }

    @Test
    void whatIsNotSaidComesFromTheIncludedManifest(@TempDir Path folder) throws Exception {
        SampleFolder sample = new SampleFolder(Files.createDirectories(folder.resolve("data")));
        Files.writeString(sample.path("dataset.yaml"), SampleFolder.MANIFEST);
        Path own = folder.resolve("sites/south/dataset.yaml");
        Files.createDirectories(folder.resolve("sites/south"));
        Files.writeString(own, """
                format: parley-dataset-1
                include: ../../data/dataset.yaml
                only-site: south
                """);

        LoadedDataset loaded = DatasetManifest.read(own).load(Strictness.STRICT);

        assertEquals(List.of("south"), List.copyOf(loaded.dataset().bySite().keySet()));
        assertEquals(new SplitRule(0.25, 5), DatasetManifest.read(own).split());

        Files.writeString(own, Files.readString(own) + "split: {held-out: 0.5}\nfolder: ../../data\n");
        assertEquals(new SplitRule(0.5, 1), DatasetManifest.read(own).split());
        assertEquals(
                4,
                DatasetManifest.read(own)
                        .load(Strictness.STRICT)
                        .dataset()
                        .records()
                        .size());

        Files.writeString(own, Files.readString(own).replace("folder: ../../data", "folder: nowhere"));
        assertTrue(message(() -> DatasetManifest.read(own).load(Strictness.STRICT))
                .contains("nowhere: expected a folder of records"));
    }

    @Test
    void errorsOfAnIncludedManifestNameIt(@TempDir Path folder) throws Exception {
        Path base = Files.writeString(
                folder.resolve("base.yaml"), SampleFolder.MANIFEST.replace("type: image", "type: picture"));
        Path own = Files.writeString(folder.resolve("own.yaml"), "format: parley-dataset-1\ninclude: base.yaml\n");
        Path third = Files.writeString(folder.resolve("third.yaml"), "format: parley-dataset-1\ninclude: own.yaml\n");

        assertTrue(message(() -> DatasetManifest.read(own)).startsWith(base + ":12: modalities.scan.type"));
        assertTrue(message(() -> DatasetManifest.read(third)).startsWith(own + ":2: include: an included manifest"));
        Files.delete(base);
        assertTrue(message(() -> DatasetManifest.read(own)).startsWith(base + ": expected a data manifest"));
    }

    @Test
    void saysWhatIsWrongWithTheFileItself(@TempDir Path folder) throws Exception {
        assertTrue(message(() -> DatasetManifest.read(folder.resolve("dataset.yaml")))
                .contains("got no file"));
        assertTrue(message(() -> DatasetManifest.read(folder)).contains("got a folder"));
        Path file = folder.resolve("dataset.yaml");
        Files.write(file, new byte[] {(byte) 0xff});
        assertTrue(message(() -> DatasetManifest.read(file)).contains("expected text in UTF-8"));
        Files.writeString(file, "format: {");
        assertTrue(message(() -> DatasetManifest.read(file)).contains("not valid YAML"));
        Files.writeString(file, "#".repeat(2 << 20));
        assertTrue(message(() -> DatasetManifest.read(file)).contains("at most 1048576 bytes"));
    }

    @Test
    void theDocumentationShowsAValidManifestAndEveryRule() throws Exception {
        String documentation = Files.readString(RealFoldersTest.REPOSITORY.resolve("docs/DATASETS.md"));
        int from = documentation.indexOf("```yaml") + 8;

        DatasetManifest manifest = parse(documentation.substring(from, documentation.indexOf("```", from)));

        assertEquals(
                List.of("scan", "note", "labs", "motion", "vitals", "vibration"),
                manifest.schema().modalityNames());
        for (RowFault.Rule rule : RowFault.Rule.values()) {
            assertTrue(documentation.contains("`" + rule.label() + "`"), rule.label());
        }
    }

    private interface Reading {
        void run() throws DatasetException;
    }

    private static String message(Reading reading) {
        return String.valueOf(assertThrows(DatasetException.class, reading::run).getMessage());
    }
}
