package dev.parley.sim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.update.Safetensors;
import dev.parley.sim.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two ways to run a scenario on one computer, as commands, with a small model on drawn records. */
class SimAndUpTest {
    private static final String SEED = "20261125";

    @TempDir
    Path folder;

    private Path scenario = Path.of("");

    @BeforeEach
    void writeScenario() throws IOException {
        scenario = Files.writeString(folder.resolve("trial.yaml"), """
                title: Small trial
                records: {world: hospital}
                federation: {rounds: 2}
                learning:
                  architecture: {tier: XS}
                  augmentation: {imageShift: 2, tokenReplacement: 0.1}
                  batchSize: 32
                """);
    }

    private CommandOutput run(String command, String out, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                command,
                scenario.toString(),
                "--sites",
                "3",
                "--seed",
                SEED,
                "--out",
                folder.resolve(out).toString()));
        arguments.addAll(List.of(more));
        return CommandOutput.of(arguments.toArray(String[]::new));
    }

    private byte[] model(String out) throws IOException {
        return Files.readAllBytes(folder.resolve(out).resolve("model.safetensors"));
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    @Test
    void oneThreadTwoThreadsAndRealProcessesGiveTheSameModelAndScores() throws Exception {
        CommandOutput one = run("sim", "one", "--threads", "1", "--json");
        assertEquals(0, one.exitCode(), one.error());
        CommandOutput two =
                run("sim", "two", "--threads", "2", "--set", "baselines={local: false, central: false}", "--json");
        assertEquals(0, two.exitCode(), two.error());
        CommandOutput up = run("up", "up", "--json");
        assertEquals(0, up.exitCode(), up.error());

        assertArrayEquals(model("one"), model("two"), "seed " + SEED);
        assertArrayEquals(model("one"), model("up"), "seed " + SEED);
        assertEquals(json(one.out()).get("final"), json(two.out()).get("final"), "seed " + SEED);
        assertEquals(json(one.out()).get("final"), json(up.out()).get("final"), "seed " + SEED);
        assertEquals(3, json(up.out()).get("rounds").size(), "statistics and two of training");
        for (int round = 0; round < 3; round++) {
            assertEquals(
                    json(one.out()).at("/rounds/" + round + "/auroc"),
                    json(up.out()).at("/rounds/" + round + "/auroc"),
                    "round " + round + ", seed " + SEED);
        }
        assertTrue(ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive), "a process was left behind");
    }

    @Test
    void writesWhatItPromisesAndLeavesStandardOutputToJson() throws Exception {
        CommandOutput output = run("sim", "out", "--json");

        assertEquals(0, output.exitCode(), output.error());
        JsonNode report = json(output.out());
        assertEquals(report, json(Files.readString(folder.resolve("out/report.json"))));
        for (String key : List.of(
                "scenario",
                "seed",
                "parameters",
                "sites",
                "rounds",
                "final",
                "eval",
                "baselines",
                "privacy",
                "secureAggregation",
                "bytes",
                "seconds")) {
            assertTrue(report.has(key), key);
        }
        assertEquals(3, report.get("sites").asInt());
        assertEquals(7, report.at("/final/perSubset").size(), "every subset of three modalities");
        assertEquals(3, report.at("/baselines/local/perSite").size());
        assertEquals(3, report.get("missing").size());
        assertTrue(report.at("/privacy/epsilon").isNull(), "nothing is claimed that is not there");
        assertTrue(report.at("/secureAggregation/enabled").asBoolean());
        assertEquals(
                report.get("parameters").asInt(),
                Safetensors.read(model("out")).layout().size());
        assertTrue(Files.readString(folder.resolve("out/report.html")).contains("Small trial"));
        assertEquals(4, Files.readAllLines(folder.resolve("out/rounds.csv")).size(), "a header and three rounds");
        // What is drawn stays in the run's folder, and pseudonyms stay out of what is printed.
        assertTrue(Files.isDirectory(folder.resolve("out/data")));
    }

    @Test
    void otherStrategiesAndSingleModalitiesRun() throws Exception {
        CommandOutput prox = run(
                "sim",
                "prox",
                "--json",
                "--set",
                "federation.proximalMu=0.1",
                "--set",
                "federation.serverOptimizer={kind: fedadam, learningRate: 0.002}",
                "--set",
                "modalities=[note]",
                "--set",
                "learning.architecture.series={vitals: {centred: false}}",
                "--rounds",
                "1");

        assertEquals(0, prox.exitCode(), prox.error());
        assertEquals(1, json(prox.out()).at("/final/perSubset").size());
        assertEquals(0, json(prox.out()).get("missing").size());
    }

    @Test
    void trainsOnAllOfOneFolderAndScoresOnAnother() throws Exception {
        Path training = Files.createDirectories(folder.resolve("training"));
        Path scored = Files.createDirectories(folder.resolve("scored"));
        World world = World.named("hospital").orElseThrow();
        world.writeSite(training, "eastbrook", 1);
        world.writeSite(scored, "southgate", 1);

        // A manifest in the folder itself goes before the shipped one.
        CommandOutput output = CommandOutput.of(
                "sim",
                "hospital-real",
                "--data",
                training.toString(),
                "--eval",
                scored.toString(),
                "--rounds",
                "2",
                "--set",
                "learning.architecture.tier=XS",
                "--set",
                "sites={by: label-shards, count: 2, shards: 2}",
                "--json",
                "--out",
                folder.resolve("out").toString());

        assertEquals(0, output.exitCode(), output.error());
        JsonNode report = json(output.out());
        assertEquals(report.get("final"), report.get("eval"));
        assertEquals(scored.toString(), report.at("/eval/on").asText());
        assertEquals(
                0, report.at("/siteDetails/0/heldOut").asInt(), "everything trains when a second folder is scored");
        assertEquals(
                List.of("southgate"),
                List.copyOf(report.at("/eval/perSite")
                        .propertyStream()
                        .map(Map.Entry::getKey)
                        .toList()));
        assertEquals(report.at("/eval/auroc"), report.at("/rounds/2/auroc"), "the last round's model is the final one");
    }
}
