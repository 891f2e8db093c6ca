package dev.parley.agent.connectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.parley.agent.SiteData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

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
        assertEquals(1, data.quarantine().count());
    }

    /** Counts by rule only: a row number points at a person. */
    @Test
    void logsCountsOnly(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("dataset.yaml"), MANIFEST);
        Files.writeString(folder.resolve("records.csv"), "subject,label,iron\np1,well,1\np2,ill,430\np3,Zanzibar,2\n");
        var logger = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(ManifestRecords.class);
        var events = new ListAppender<ILoggingEvent>();
        events.start();
        logger.addAppender(events);
        try {
            assertEquals(
                    2,
                    ManifestRecords.read(folder.resolve("dataset.yaml"))
                            .quarantine()
                            .count());
        } finally {
            logger.detachAppender(events);
        }

        assertEquals(
                List.of("rule=\"out-of-range\" withheld=\"1\"", "rule=\"unknown-label\" withheld=\"1\""),
                events.list.stream()
                        .map(event -> event.getKeyValuePairs().stream()
                                .map(Object::toString)
                                .collect(Collectors.joining(" ")))
                        .toList());
        for (ILoggingEvent event : events.list) {
            assertEquals("rows of the records break a rule and are left out", event.getFormattedMessage());
        }
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
