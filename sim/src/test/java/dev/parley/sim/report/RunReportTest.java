package dev.parley.sim.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.evaluation.Metrics;
import dev.parley.sim.report.RunReport.LocalBaseline;
import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.report.RunReport.Seconds;
import dev.parley.sim.report.RunReport.SiteSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
    @Test
    void writesThreeFilesOverWhatWasThereAndLeavesNothingElse(@TempDir Path folder) throws Exception {
        RunReport report = SampleReports.hospital();
        Path runs = folder.resolve("runs").resolve("one");
        Files.createDirectories(runs);
        Files.writeString(runs.resolve("report.json"), "old");

        report.writeTo(runs);

        try (Stream<Path> files = Files.list(runs)) {
            assertEquals(
                    List.of("report.html", "report.json", "rounds.csv"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(ReportJson.text(report), Files.readString(runs.resolve("report.json")));
        assertEquals(ReportPage.html(report), Files.readString(runs.resolve("report.html")));
    }

    @Test
    void roundsAreOneLineEach() {
        RunReport sample = SampleReports.of(List.of("a"), 1, false);
        RoundEntry odd = new RoundEntry(2, "train, \"twice\"", 0, 0, Optional.empty(), 0, 0, 0);

        String csv =
                RoundsCsv.text(List.of(sample.rounds().get(0), sample.rounds().get(1), odd));

        String[] lines = csv.split("\r\n", -1);
        assertEquals(
                "round,task,contributors,n,auroc,accuracy,macroF1,ece,brier,seconds,upBytes,downBytes,smallestSum",
                lines[0]);
        assertEquals("0,statistics,1,,,,,,,0.75,8000,4000,1", lines[1]);
        assertTrue(
                lines[2].matches(
                        "1,train,1,416,0\\.\\d+,0\\.\\d+,0\\.\\d+,0\\.031,0\\.\\d+,8\\.125,15232000,15300000,1"),
                lines[2]);
        assertEquals("2,\"train, \"\"twice\"\"\",0,,,,,,,0.0,0,0,0", lines[3]);
        assertEquals(5, lines.length);
    }

    @Test
    void subsetsComeFewestFirstInTheSchemasOrder() {
        RunReport report = SampleReports.hospital();

        assertEquals(
                List.of("scan", "note", "vitals", "scan+note", "scan+vitals", "note+vitals", "scan+note+vitals"),
                List.copyOf(report.subsets(report.finalScores()).keySet()));
    }

    @Test
    void ownModelsAreComparedOnTheSameRecords() {
        RunReport all = SampleReports.hospital();
        RunReport own = SampleReports.withLocal(
                all,
                new LocalBaseline(
                        all.local().orElseThrow().mean(), all.finalScores().perSite()));

        assertEquals(Optional.of(all.finalScores().overall()), all.federatedBeside("bern"));
        assertEquals(Optional.of(own.finalScores().perSite().get("bern")), own.federatedBeside("bern"));
        assertEquals(Optional.empty(), own.federatedBeside("nowhere"));
        assertEquals(all.finalScores().overall(), all.federatedBesideMean());
        assertEquals(Metrics.mean(own.finalScores().perSite().values()), own.federatedBesideMean());
        assertEquals(
                all.local().orElseThrow().perSite().values().stream()
                        .mapToDouble(metrics -> metrics.auroc().orElseThrow())
                        .max()
                        .orElseThrow(),
                all.bestSite().orElseThrow().getValue().auroc().orElseThrow());
    }

    @Test
    void impossibleNumbersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Seconds(Double.NaN, 0, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new SiteSummary("a", 1, 1, 1, 0, 0, List.of(2), new TreeMap<>(Map.of("scan", 1.5))));
    }
}
