package dev.parley.sim.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.rounds.ServerOptimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class ScenarioReaderTest {
    static final List<String> SHIPPED = ScenarioReader.SHIPPED;

    @TempDir
    Path folder;

    private static String refused(String scenario, String... overrides) {
        return String.valueOf(
                assertThrows(ScenarioException.class, () -> ScenarioReader.read(scenario, List.of(overrides)))
                        .getMessage());
    }

    @ParameterizedTest
    @FieldSource("SHIPPED")
    void readsEveryShippedScenario(String name) throws Exception {
        Scenario scenario = ScenarioReader.read(name, List.of());

        assertEquals(name, scenario.name());
        assertFalse(scenario.title().isBlank());
        assertTrue(scenario.rounds().training() <= 50, "the acceptance bound of mnist, and no other runs longer");
    }

    @Test
    void overridesSingleSettingsAndKeepsTheOthers() throws Exception {
        Scenario plain = ScenarioReader.read("hospital", List.of());

        Scenario changed = ScenarioReader.read(
                "hospital",
                List.of(
                        "federation.rounds=3",
                        "learning.optimizer.learningRate=0.01",
                        "modalities=[note]",
                        "federation.serverOptimizer={kind: fedadam, learningRate: 0.02}"));

        assertEquals(3, changed.rounds().training());
        assertEquals(List.of("note"), changed.modalities());
        assertEquals(
                new ServerOptimizer.FedAdam(0.02, 0.9, 0.99, 1e-3),
                changed.rounds().optimizer());
        Map<?, ?> optimizer = (Map<?, ?>) changed.learning().get("optimizer");
        assertEquals(0.01, optimizer.get("learningRate"));
        assertEquals(((Map<?, ?>) plain.learning().get("optimizer")).get("weightDecay"), optimizer.get("weightDecay"));
        assertEquals(new ServerOptimizer.FedAvg(), plain.rounds().optimizer(), "the shipped scenario is not changed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "federation.rounds=0      | federation.rounds: got '0'; expected a whole number from 1 to 100000",
                "federation.rouns=3       | federation.rouns: got an unknown setting",
                "heldOut.share=1.5        | heldOut.share: got '1.5'; expected a number from 0 to 0.9",
                "baselines.local=maybe    | baselines.local: got 'maybe'; expected true or false",
                "sites.by=country         | sites.by: got 'country'; expected one of site, label-shards",
                "title=                   | title: got nothing; expected text",
                "federation.rounds        | --set takes path=value",
                "=3                       | --set takes path=value",
                "federation..rounds=3     | --set takes path=value",
                "federation.rounds=[1     | the value is not valid YAML",
                "federation.serverOptimizer={kind: fedadam, epsilon: 5} | epsilon is 1e-18 to 1, got 5.0",
            })
    void refusesAWrongSettingByItsPath(String override, String expected) {
        String message = refused("hospital", override);

        assertTrue(message.contains(expected.strip()), message);
    }

    @Test
    void tellsWhatScenariosThereAre() {
        String message = refused("hospitl");

        assertTrue(message.contains("no scenario 'hospitl'"), message);
        assertTrue(
                message.contains("hospital, plant, hospital-private, hospital-real, wearable, hydraulic, mnist"),
                message);
    }

    @Test
    void readsAFileBesideItsManifest() throws Exception {
        Path file = write("ward.yaml", "title: One ward\nrecords: {manifest: data/dataset.yaml}\n");

        Scenario scenario = ScenarioReader.read(file.toString(), List.of());

        assertEquals("ward", scenario.name());
        assertEquals(new Scenario.Records.Described(folder.resolve("data/dataset.yaml")), scenario.records());
        assertEquals(Optional.empty(), scenario.rounds().participants());
    }

    @Test
    void namesTheLineOfBrokenYaml() throws Exception {
        Path file = write("ward.yaml", "title: One ward\nrecords: [\n");

        assertTrue(refused(file.toString()).contains("ward.yaml:3: not valid YAML"), refused(file.toString()));
    }

    @Test
    void refusesAFileNameThatCannotNameAFederation() throws Exception {
        Path file = write("My Ward.yaml", "title: One ward\nrecords: {manifest: dataset.yaml}\n");

        assertTrue(refused(file.toString()).contains("lower-case letters, digits and inner hyphens"));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
