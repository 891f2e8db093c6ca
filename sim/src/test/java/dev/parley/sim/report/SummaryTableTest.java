package dev.parley.sim.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTableTest {
    @Test
    void whatWasNotComputedHasNoRow() {
        assertEquals("""
                3 records of held-out subjects   AUROC (95% interval)   accuracy macro-F1    ECE
                  federated                          -                     1.000    1.000  0.250

                federated, using only            AUROC (95% interval)   accuracy macro-F1    ECE
                  scan                               -                     1.000    1.000  0.250

                federated, at                    AUROC (95% interval)   accuracy macro-F1    ECE
                  ward                               -                     1.000    1.000  0.250

                secure aggregation: every sum was over 2 sites or more; no differential privacy
                """, SummaryTable.of(SampleReports.bare()));
    }

    @Test
    void comparesWithTheBaselines() {
        List<String> lines = SummaryTable.of(SampleReports.hospital()).lines().toList();

        assertEquals(
                List.of(
                        "416 records of held-out subjects       AUROC (95% interval)   accuracy macro-F1    ECE",
                        "  federated                            0.912 (0.889 to 0.931)    0.851    0.829  0.031",
                        "  mean of single sites                 0.828                     0.767    0.745  0.031",
                        "  best single site: esbjerg            0.849                     0.788    0.766  0.031",
                        "  pooled training                      0.921 (0.898 to 0.940)    0.860    0.838  0.031"),
                lines.subList(0, 5));
        assertTrue(
                lines.contains(
                        "230 records of /data/other-hospitals   AUROC (95% interval)   accuracy macro-F1    ECE"),
                String.join("\n", lines));
    }

    @Test
    void whatGroupsCostIsSaid() {
        assertTrue(SummaryTable.of(SampleReports.grouped())
                .endsWith("\nsecure aggregation: every sum was over 2 sites or more (median of 3 groups); no"
                        + " differential privacy\n"));
    }

    @Test
    void manySitesAreShownByBothEnds() {
        String table = SummaryTable.of(SampleReports.of(SampleReports.siteNames(100), 2, false));

        assertTrue(table.contains("federated, lowest and highest AUROC"));
        assertTrue(table.contains("  ... 84 more in report.json\n"));
        assertEquals(
                16, table.lines().filter(line -> line.startsWith("  client-")).count());
    }

    @Test
    void aNameIsAsciiAndKeepsTheColumns() {
        String table = SummaryTable.of(SampleReports.of(List.of("Z\u00FCrich\u001B[31m\n" + "x".repeat(80)), 1, true));

        assertTrue(table.contains("  Z?rich?[31m?xxx"), table);
        assertFalse(table.chars().anyMatch(c -> c != '\n' && (c < ' ' || c > '~')));
        assertEquals(
                1,
                table.lines()
                        .filter(line -> line.matches(".* [0-9]\\.[0-9]{3}"))
                        .mapToInt(String::length)
                        .distinct()
                        .count());
    }
}
