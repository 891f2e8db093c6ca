package dev.parley.agent.connectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.agent.SiteData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestRecordsTest {
    private static final String MANIFEST = """
            format: parley-dataset-1
            classes: [well, ill]
            records: {csv: records.csv}
            columns:
              subject: subject
              site: {value: north}
              label: {column: label}
            consent: {purposes: [research]}
            modalities:
              labs: {type: table, columns: [{name: iron, unit: g, minimum: 0, maximum: 10}]}
            split: {held-out: 0.25, seed: 3}
            """;

    @Test
    void splitsAndLeavesOutWhatBreaksARule(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("dataset.yaml"), MANIFEST);
        Files.writeString(
                folder.resolve("records.csv"),
                IntStream.range(0, 40)
                        .mapToObj(i -> "p" + i + "," + (i % 2 == 0 ? "well" : "ill") + "," + (i == 7 ? 11 : i % 10))
                        .collect(Collectors.joining("\n", "subject,label,iron\n", "\n")));

        SiteData.Reader reader = ManifestRecords::read;
        SiteData data = reader.read(folder.resolve("dataset.yaml"));

        assertEquals(10, data.heldOut().size());
        assertEquals(29, data.training().size());
    }

    @Test
    void saysWhatIsMissing(@TempDir Path folder) {
        SiteData.UnusableException refused = assertThrows(
                SiteData.UnusableException.class, () -> ManifestRecords.read(folder.resolve("dataset.yaml")));

        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("dataset.yaml: expected a data manifest"), message);
        assertFalse(message.contains("\n"), message);
    }
}
