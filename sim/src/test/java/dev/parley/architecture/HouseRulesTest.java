package dev.parley.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The product keeps every rule of the house, and {@code fixture}, a small house, breaks every one of them. */
class HouseRulesTest {
    private static final String ROOT = "dev.parley";
    private static final String FIXTURE = "dev.parley.architecture.fixture";

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);
    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(FIXTURE);

    /** What each rule must say about the fixture: part of its report. */
    private static final Map<String, String> VIOLATIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("every class has a room", "fixture.elsewhere.NoRoom"),
            Map.entry("imports of contract", "fixture.contract.KnowsUs"),
            Map.entry("imports of privacy", "fixture.privacy.update.RawUpdate"),
            Map.entry("imports of policies", "fixture.policies.AsksTheServer"),
            Map.entry("imports of rounds", "fixture.rounds.ReachesUp"),
            Map.entry("imports of server", "fixture.server.cluster.RunsAModel"),
            Map.entry("imports of learning", "fixture.learning.record.TensorRecord"),
            Map.entry("imports of agent", "fixture.agent.CallsTheServer"),
            Map.entry("imports of sim", "fixture.sim.LooksElsewhere"),
            Map.entry("no package cycles", "Cycle detected"),
            Map.entry("contract types stop at the edge", "fixture.server.cluster.RunsAModel"),
            Map.entry("only masked updates meet the wire", "fixture.server.cluster.RunsAModel"),
            Map.entry("encodings stay at sites", "fixture.server.cluster.OpensAnUpdate"),
            Map.entry("secrets are opened in few places", "fixture.server.cluster.OpensAnUpdate"),
            Map.entry("no tensors outside learning", "fixture.server.cluster.RunsAModel"),
            Map.entry("no tensors among records", "fixture.learning.record.TensorRecord"),
            Map.entry("rounds are pure", "fixture.rounds.ReachesUp"),
            Map.entry("no Java serialisation", "fixture.server.registry.StoreHelper"),
            Map.entry("no unseeded randomness", "fixture.server.registry.StoreHelper"),
            Map.entry("noise that can be foretold protects nothing", "fixture.agent.ForetoldNoise"),
            Map.entry("no standard streams", "fixture.server.registry.StoreHelper"),
            Map.entry("update steps are immutable", "fixture.privacy.update.RawUpdate.changed"),
            Map.entry("every package is null-marked", "fixture.server.registry.StoreHelper"),
            Map.entry("names say the role", "fixture.server.registry.StoreHelper")));

    @TestFactory
    Stream<DynamicTest> theProductKeeps() {
        return new HouseRules(ROOT)
                .all().entrySet().stream()
                        .map(rule -> DynamicTest.dynamicTest(
                                rule.getKey(), () -> rule.getValue().check(PRODUCT)));
    }

    @TestFactory
    Stream<DynamicTest> theFixtureBreaks() {
        Map<String, ArchRule> rules = new HouseRules(FIXTURE).all();
        assertEquals(VIOLATIONS.keySet(), new TreeSet<>(rules.keySet()), "every rule has its violation");
        return rules.entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> {
                    List<String> found =
                            rule.getValue().evaluate(BROKEN).getFailureReport().getDetails();
                    String expected = VIOLATIONS.get(rule.getKey());
                    assertTrue(
                            found.stream().anyMatch(line -> line.contains(expected)),
                            () -> rule.getKey() + " should complain about " + expected + ", found " + found);
                }));
    }

    /** Of several checks in one rule, each is seen to fail. */
    @Test
    void everyPartOfARuleCanFail() {
        Map<String, ArchRule> rules = new HouseRules(FIXTURE).all();
        Map.of(
                        "no unseeded randomness",
                        List.of("ThreadLocalRandom", "Math.random", "java.util.Random", "shuffle", "SplittableRandom"),
                        "only masked updates meet the wire",
                        List.of("fixture.privacy.update.RawUpdate", "fixture.privacy.update.EncodedUpdate"),
                        "encodings stay at sites",
                        List.of(
                                "privacy.secagg.mask.EncodedRing",
                                "privacy.update.RawUpdate",
                                "privacy.update.EncodedUpdate"),
                        "no Java serialisation",
                        List.of("ObjectInputStream", "implements java.io.Serializable"),
                        "rounds are pure",
                        List.of("Instant.now", "nanoTime", "currentTimeMillis", "java.lang.Thread", "java.nio.file"))
                .forEach((name, parts) -> {
                    String report =
                            rules.get(name).evaluate(BROKEN).getFailureReport().toString();
                    parts.forEach(part -> assertTrue(report.contains(part), part + " in: " + report));
                });
    }

    @Test
    void theWholeProductIsLookedAt() {
        for (String room : List.of("contract", "privacy", "policies", "rounds", "server", "learning", "agent", "sim")) {
            assertTrue(
                    PRODUCT.stream().anyMatch(each -> each.getPackageName().startsWith(ROOT + "." + room)),
                    "no class of " + room + " was read");
        }
        assertTrue(
                PRODUCT.stream().noneMatch(each -> each.getPackageName().startsWith(FIXTURE)),
                "test classes were read as product");
    }
}
