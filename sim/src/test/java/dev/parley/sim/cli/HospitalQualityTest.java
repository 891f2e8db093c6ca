package dev.parley.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the README promises of {@code ./parley sim hospital}, run as shipped: a federation is worth joining, needs no pooling,
 * and every modality is worth having.
 */
class HospitalQualityTest {
    @TempDir
    Path folder;

    private static double auroc(JsonNode node) {
        return node.get("auroc").asDouble();
    }

    @Test
    @Timeout(1200)
    void aFederationIsWorthJoining() throws Exception {
        CommandOutput output = CommandOutput.of(
                "sim",
                "hospital",
                "--seed",
                "1",
                "--json",
                "--out",
                folder.resolve("out").toString());
        assertEquals(0, output.exitCode(), output.error());

        JsonNode report = new ObjectMapper().readTree(output.out());
        double federated = auroc(report.get("final"));
        String all = "seed 1: " + report.get("final") + report.get("baselines") + report.get("missing");
        assertTrue(federated >= auroc(report.at("/baselines/central")) - 0.02, all);
        assertTrue(federated >= auroc(report.at("/baselines/local")) + 0.05, all);
        for (String single : new String[] {"image", "note", "vitals"}) {
            assertTrue(federated >= auroc(report.at("/final/perSubset/" + single)) + 0.03, single + ", " + all);
        }
        double gain = 0;
        for (JsonNode lost : report.get("missing")) {
            JsonNode masked = lost.get("masked");
            JsonNode zeroFilled = lost.get("zeroFilled");
            gain += auroc(masked) - auroc(zeroFilled);
            // The Brier score sees ranking and calibration at once, so that a modality of little weight shows too.
            assertTrue(
                    masked.get("brier").asDouble() < zeroFilled.get("brier").asDouble(),
                    lost.get("modality") + ", " + all);
        }
        assertTrue(gain > 0, all);
    }
}
