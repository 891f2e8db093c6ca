package dev.parley.agent.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.agent.participation.CoordinatorAddress;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.ledger.Budget;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentConfigurationTest {
    private static final String GOOD = """
            site: north
            coordinator: parley.example.org:7443
            federation: hospital
            purpose: research
            records: data/dataset.yaml
            rules:
              minimum-cohort: 5
              allow-unnoised: true
              purposes: [research, care]
            """;

    private static AgentConfiguration parse(String text) throws ConfigurationException {
        return AgentConfiguration.parse("agent.yaml", text, Path.of("/site"));
    }

    @Test
    void readsEverything() throws Exception {
        AgentConfiguration configuration = parse(GOOD);

        assertEquals("north", configuration.site());
        assertEquals(new CoordinatorAddress("parley.example.org", 7443), configuration.coordinator());
        assertEquals(Path.of("/site/data/dataset.yaml"), configuration.records());
        assertEquals(Path.of("/site/state"), configuration.state());
        assertEquals(5, configuration.rules().floors().minimumCohort());
        assertTrue(configuration.rules().allowUnnoised());
        assertEquals(5, configuration.rules().floors().minimumSurvivors());
        assertEquals(Set.of("research", "care"), configuration.rules().purposes());
    }

    @Test
    void readsTheSitesThatItsOwnerTrusts() throws Exception {
        String east = "0123456789abcdef".repeat(4);
        String south = "fedcba9876543210".repeat(4);

        AgentConfiguration configuration =
                parse(GOOD + "  trusted-sites:\n    east: " + east + "\n    south: " + south + "\n");

        assertEquals(
                Map.of("east", east, "south", south),
                configuration.rules().floors().trustedIdentities());
    }

    @Test
    void aBudgetIsForRecordsOrSubjects() throws Exception {
        AgentConfiguration configuration = parse(GOOD + "  budget: {unit: subject, epsilon: 3.5, delta: 1.0e-6}\n");

        Budget budget = configuration.rules().budget().orElseThrow();
        assertEquals(PrivacyUnit.SUBJECT, budget.unit());
        assertEquals(3.5, budget.epsilon().value());
        assertEquals(1e-6, budget.delta().value());
        assertEquals(Optional.empty(), parse(GOOD).rules().budget());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{unit: ward, epsilon: 1, delta: 1.0e-5}",
                "{unit: record, epsilon: -1, delta: 1.0e-5}",
                "{unit: record, epsilon: 1}",
                "{unit: record, epsilon: 1, delta: 0}",
                "{unit: record, epsilon: .inf, delta: 1.0e-5}",
                "{unit: record, epsilon: 1, delta: 1.0e-5, rounds: 3}"
            })
    void aBudgetThatIsNoneIsRefusedWithItsLine(String budget) {
        ConfigurationException refused =
                assertThrows(ConfigurationException.class, () -> parse(GOOD + "  budget: " + budget + "\n"));

        assertTrue(String.valueOf(refused.getMessage()).startsWith("agent.yaml:"), refused.getMessage());
    }

    @Test
    void whatIsNotSaidIsCareful() throws Exception {
        AgentConfiguration configuration = parse(GOOD.substring(0, GOOD.indexOf("rules:")));

        assertEquals(3, configuration.rules().floors().minimumCohort());
        assertEquals(3, configuration.rules().floors().minimumSurvivors());
        assertEquals(1, configuration.rules().floors().colluding());
        assertEquals(Set.of(), configuration.rules().floors().allowed());
        assertFalse(configuration.rules().allowUnnoised());
        assertEquals(Set.of("hospital"), configuration.rules().federations());
        assertEquals(Set.of("research"), configuration.rules().purposes());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            site: north                    | site: North Ward          | agent.yaml:1: site = North Ward: expected 1 to 63 lower-case
            coordinator: parley.example.org:7443 | coordinator: here   | agent.yaml:2: coordinator = here: expected HOST:PORT
            coordinator: parley.example.org:7443 | coordinator: a:70000 | agent.yaml:2: coordinator = a:70000: expected HOST:PORT
            federation: hospital           | federation:               | agent.yaml:1: federation: is missing and has no default
            purpose: research              | purpos: research          | agent.yaml:1: purpose: is missing
            records: data/dataset.yaml     | records: [a, b]           | agent.yaml:5: records: expected one value, got a list
            minimum-cohort: 5              | minimum-cohort: none      | agent.yaml:7: rules.minimum-cohort = none: expected a whole number from 2
            minimum-cohort: 5              | minimum-cohort: 1         | agent.yaml:7: rules.minimum-cohort = 1: expected a whole number from 2
            allow-unnoised: true           | allow-unnoised: yes       | agent.yaml:8: rules.allow-unnoised = yes: allowed are true and false
            allow-unnoised: true           | allow-unmasked: true      | agent.yaml:8: rules.allow-unmasked: unknown key; known here: allow-
            allow-unnoised: true           | minimum-survivors: 2      | agent.yaml:8: rules.minimum-survivors = 2: expected a whole number from 3
            allow-unnoised: true           | 'trusted-sites: {east: x}' | agent.yaml:8: rules.trusted-sites.east = x: a content hash is 64
            allow-unnoised: true           | 'trusted-sites: [east]'  | agent.yaml:8: rules.trusted-sites: expected a nested block
            'purposes: [research, care]'   | purposes: research        | agent.yaml:9: rules.purposes: expected a list
            'purposes: [research, care]'   | 'learning-documents: [1]' | agent.yaml:9: rules.learning-documents = 1: a content hash is 64
            rules:                         | 'rules: {'                | agent.yaml:
            site: north                    | 'site: north\\nsite: east' | agent.yaml:2: site: the key is given twice
            """)
    void saysFileLineKeyAndRule(String from, String to, String message) {
        String text = GOOD.replace(from, to.replace("\\n", "\n"));

        ConfigurationException refused = assertThrows(ConfigurationException.class, () -> parse(text));

        assertTrue(String.valueOf(refused.getMessage()).startsWith(message), refused.getMessage());
        assertFalse(String.valueOf(refused.getMessage()).contains("\n"), refused.getMessage());
    }

    @Test
    void saysThatTheFileIsMissing(@TempDir Path folder) {
        ConfigurationException refused =
                assertThrows(ConfigurationException.class, () -> AgentConfiguration.read(folder.resolve("agent.yaml")));

        assertTrue(String.valueOf(refused.getMessage()).contains("no such file"), refused.getMessage());
    }
}
