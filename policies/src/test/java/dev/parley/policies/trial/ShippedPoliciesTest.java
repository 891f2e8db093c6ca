package dev.parley.policies.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.policies.PolicySet;
import dev.parley.policies.rule.Decision;
import dev.parley.policies.rule.PolicyEngine;
import dev.parley.policies.rule.PolicyTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The policies that ship: their tests pass, and notice when a rule is changed. */
final class ShippedPoliciesTest {
    private static final Path RULES = Path.of("library", "rules");
    private static final Path BUNDLES = Path.of("library", "bundles");

    @Test
    void everyCasePasses() throws Exception {
        List<TrialResult> results = Trials.load(PolicySet.load(RULES)).run();

        List<TrialResult> failed =
                results.stream().filter(result -> !result.passed()).toList();
        assertEquals(List.of(), failed);
        assertEquals(
                new TreeSet<>(PolicyEngine.load(PolicySet.load(RULES)).policyNames()),
                results.stream().map(TrialResult::policy).collect(Collectors.toCollection(TreeSet::new)),
                "each policy has its test");
    }

    @Test
    void eachRuleInvertedOrLeftOutMakesACaseFail() throws Exception {
        assertEquals(List.of(), Trials.load(PolicySet.load(RULES)).mutate());
    }

    @Test
    void aRuleThatNoCaseCoversIsFound() throws Exception {
        Map<String, byte[]> documents = new HashMap<>();
        PolicySet set = PolicySet.load(RULES);
        documents.put("p.yaml", set.content("minimum-records.yaml"));
        String test = new String(set.content("minimum-records.test.yaml"), StandardCharsets.UTF_8);
        String shortened = test.substring(0, test.indexOf("  - name: a group of nine"));
        documents.put("p.test.yaml", shortened.getBytes(StandardCharsets.UTF_8));

        List<Survivor> survivors = Trials.load(PolicySet.of(documents)).mutate();

        assertEquals(
                List.of(
                        new Survivor("minimum-records", "enough-in-each-group", "left out"),
                        new Survivor("minimum-records", "enough-sites", "left out")),
                survivors);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gdpr.yaml", "hipaa.yaml", "ai-act.yaml"})
    void eachBundleFitsTheRulesAndEachBindingNamesClauses(String bundle) throws Exception {
        PolicyEngine engine = with(bundle);

        assertFalse(engine.bindingNames().isEmpty());
        for (String line : Files.readAllLines(BUNDLES.resolve(bundle))) {
            assertTrue(!line.startsWith("  validationActions") || line.endsWith("[Deny]"), line);
        }
        long clauses = Files.readAllLines(BUNDLES.resolve(bundle)).stream()
                .filter(line -> line.startsWith("    - clause:"))
                .count();
        assertTrue(clauses >= engine.bindingNames().size(), "each binding says what it helps with");
    }

    @Test
    void theBundleOfTheAiActDeniesAReleaseWithoutEvidenceAndSaysWhichClause() throws Exception {
        TrialFile file =
                TrialFile.read("two-approvers", Files.readAllBytes(RULES.resolve("calibrated-release.test.yaml")));

        Decision decision = with("ai-act.yaml").decide(file.cases().getFirst().request());

        assertEquals("Deny", decision.verdict().word(), "nobody has approved");
        PolicyTrace oversight = decision.traces().stream()
                .filter(trace -> trace.binding().equals("ai-act-oversight"))
                .findFirst()
                .orElseThrow();
        assertEquals(List.of("AI Act Art. 14, human oversight"), oversight.clauses());
    }

    private static PolicyEngine with(String bundle) throws Exception {
        Map<String, byte[]> documents = new HashMap<>();
        PolicySet rules = PolicySet.load(RULES);
        rules.names().forEach(name -> documents.put(name, rules.content(name)));
        documents.put(bundle, bytes(BUNDLES.resolve(bundle)));
        return PolicyEngine.load(PolicySet.of(documents));
    }

    private static byte[] bytes(Path file) throws IOException {
        return Files.readAllBytes(file);
    }
}
