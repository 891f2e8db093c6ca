package dev.parley.policies.rule;

import static dev.parley.policies.rule.PolicyText.QUERY;
import static dev.parley.policies.rule.PolicyText.binding;
import static dev.parley.policies.rule.PolicyText.engine;
import static dev.parley.policies.rule.PolicyText.policy;
import static dev.parley.policies.rule.PolicyText.request;
import static dev.parley.policies.rule.PolicyText.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.policies.document.RefusedException;
import dev.parley.policies.request.Description.Party;
import dev.parley.policies.request.Description.Site;
import dev.parley.policies.request.GovernedRequest;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PolicyEngineTest {
    private static void refused(String text, String words) {
        RefusedException refused = assertThrows(RefusedException.class, () -> engine(text));
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    private static String verdict(String... policies) throws RefusedException {
        return engine(policies).decide(request(QUERY)).verdict().word();
    }

    @Test
    void allowsWhatNoPolicySpeaksAbout() throws Exception {
        assertEquals("Allow", verdict());
        assertEquals("Allow", verdict(policy("p", "  validations: [{name: r, message: no, expression: 'false'}]\n")));
    }

    @Test
    void aFindingNamesThePolicyTheRuleAndTheValues() throws Exception {
        Verdict verdict = engine(rule("many", "request.records >= 200", "Deny"))
                .decide(request(QUERY))
                .verdict();

        assertEquals(
                List.of("policy many, rule rule: no (request.records = 100)"),
                assertInstanceOf(Verdict.Deny.class, verdict).findings().stream()
                        .map(Verdict.Finding::line)
                        .toList());
    }

    @Test
    void absentEvidenceNeverAllows() throws Exception {
        assertEquals("Inconclusive", verdict(rule("p", "request.smallestGroup >= 5", "Deny")));
        assertEquals("Inconclusive", verdict(rule("p", "request.sites.all(s, s.jurisdiction == 'DE')", "Deny")));
        assertEquals("Inconclusive", verdict(rule("p", "request.records / (request.records - 100) > 0", "Deny")));
        assertEquals("Deny", verdict(policy("p", """
                                  failurePolicy: Fail
                                  validations: [{name: r, message: no, expression: 'request.smallestGroup >= 5'}]
                                """), binding("p", "Deny")));
        // A condition of which nobody knows whether it holds does not switch the policy off.
        assertEquals("Inconclusive", verdict(policy("p", """
                                  matchConditions: [{name: c, expression: 'request.smallestGroup > 5'}]
                                  validations: [{name: r, message: no, expression: 'true'}]
                                """), binding("p", "Deny")));
    }

    @Test
    void saysWhichEvidenceIsAbsentAlsoBehindAVariable() throws Exception {
        Decision decision = engine(policy("p", """
                                  variables: [{name: small, expression: 'request.smallestGroup - 1'}]
                                  validations: [{name: r, message: no, expression: 'variables.small > 5'}]
                                """), binding("p", "Deny")).decide(request(QUERY));

        assertEquals(
                "request.smallestGroup is not given",
                decision.verdict().reasons().getFirst().message());
    }

    @Test
    void warnAndAuditOnlyTell() throws Exception {
        Decision decision = engine(rule("w", "false", "Warn"), rule("a", "request.smallestGroup > 1", "Audit"))
                .decide(request(QUERY));

        assertEquals("Allow", decision.verdict().word());
        assertEquals("w", decision.warnings().getFirst().policy());
        assertEquals("a", decision.audited().getFirst().policy());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    request.recods > 1                               | p0.yaml:6:64: rule rule of policy p: there is no field 'recods' here (did you mean 'records'?)
                    request.records > 'a'                            | '>' does not take (int, string)
                    request.records                                  | is of type bool, got int
                    reqest.records > 1                               | nothing is called 'reqest' here (did you mean 'request'?)
                    request.records >                                | mismatched input
                    dyn(request).foo == 1                            | nothing is called 'dyn' here
                    request.statistic.matches('a*')                  | nothing is called 'matches' here
                    (request.sites + request.sites).size() > 1       | lists are not joined
                    params.x > 1                                     | there is no field 'x' here
                    request.sites.all(a, request.sites.all(b, request.sites.all(c, true))) | nested at most 2 deep
                    """)
    void refusesWhatIsIllTyped(String expression, String words) {
        refused(rule("p", expression, "Deny"), words);
    }

    @Test
    void refusesWhatDoesNotFitTogether() {
        refused(binding("nowhere", "Deny"), "there is no policy 'nowhere' in this set");
        refused(binding("p", "Dney"), "'Dney' is not one of Deny, Warn, Audit (did you mean 'Deny'?)");
        refused(rule("p", "true", "Deny, Warn"), "Deny and Warn do not go together");
        refused(rule("p", "true", "Deny") + rule("p", "false", "Deny"), "there is a policy p already, at p0.yaml:3:18");
        refused(
                policy("p", "  failurePolicy: Ignore\n  validations: [{name: r, message: no, expression: 'true'}]\n"),
                "there is no 'Ignore' here: a rule that cannot be checked never lets anything pass");
        refused(policy("p", "  validations: []\n"), "a policy needs 'validations', at least one");
        refused(
                policy(
                                "p",
                                "  paramKind: {n: {type: int}}\n  validations: [{name: r, message: no, expression: 'true'}]\n")
                        + binding("p", "Deny"),
                "params needs 'n' (int)");
    }

    @Test
    void theTimeThatAPolicyCanTakeIsBounded() throws Exception {
        String names = "ab,".repeat(999) + "ab";
        String many = QUERY.replace("sites: [{name: ward-1}, {name: ward-2, jurisdiction: DE}]", "sites: []")
                + "consents: [{site: a, dataset: b, purposes: [" + names + "]}]\n";
        Decision loops = engine(rule(
                        "p",
                        "request.consents[0].purposes.all(a, request.consents[0].purposes.all(b, a == b))",
                        "Deny"))
                .decide(request(many));
        assertEquals("Inconclusive", loops.verdict().word());
        assertTrue(
                loops.verdict().reasons().getFirst().message().contains("more than 5000 steps"),
                loops.verdict().reasons().getFirst().message());

        StringBuilder variables = new StringBuilder("  variables:\n    - {name: v0, expression: \"'xxxxxxxx'\"}\n");
        for (int i = 1; i < 40; i++) {
            variables.append(
                    "    - {name: v%1$d, expression: 'variables.v%2$d + variables.v%2$d'}\n".formatted(i, i - 1));
        }
        Decision text = engine(
                        policy(
                                "p",
                                variables
                                        + "  validations: [{name: r, message: no, expression: 'variables.v39.size() > 0'}]\n"),
                        binding("p", "Deny"))
                .decide(request(QUERY));
        assertEquals("Inconclusive", text.verdict().word());
        assertTrue(
                text.verdict().reasons().getFirst().message().contains("more than 4000 characters"),
                text.verdict().reasons().getFirst().message());
    }

    @Test
    void denysARequestThatIsTooLargeToBeLookedAt() throws Exception {
        GovernedRequest large = new GovernedRequest.QueryStatistics(
                "sepsis",
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                new Party("a", "b"),
                List.of(),
                "mean",
                Collections.nCopies(1001, new Site("ward", Optional.empty(), Optional.empty())),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        Verdict verdict = engine(rule("p", "true", "Deny")).decide(large).verdict();

        assertTrue(
                assertInstanceOf(Verdict.Deny.class, verdict)
                        .findings()
                        .getFirst()
                        .message()
                        .contains("1001 elements, at most 1000"),
                verdict.toString());
    }

    @Test
    void saysWhatWouldHaveToChange() throws Exception {
        PolicyEngine engine = engine(rule(
                "p",
                "request.records >= 200 && request.sites.all(s, has(s.jurisdiction)) && request.statistic in ['count']",
                "Deny"));

        assertEquals(
                List.of(
                        "request.records is 100 and has to be at least 200",
                        "for each s of request.sites this has to hold: has(s.jurisdiction); it does not for {name:"
                                + " 'ward-1'}",
                        "request.statistic is 'mean' and has to be one of ['count'] ([\"count\"])"),
                engine.changes(request(QUERY)).getFirst().sentences());
    }

    @Test
    void aRequestIsReadStrictly() {
        Map<String, String> wrong = Map.of(
                QUERY.replace("records: 100", "recrods: 100"), "did you mean 'records'?",
                QUERY.replace("records: 100", "records: many"), "request.records is a whole number",
                QUERY.replace("statistic: mean\n", ""), "request needs 'statistic' (string)",
                QUERY.replace("queryStatistics", "queryStatistic"), "did you mean 'queryStatistics'?",
                QUERY.replace("2026-11-24T10:00:00Z", "yesterday"), "a moment such as 2026-11-24T10:00:00Z");
        wrong.forEach((text, words) -> {
            RefusedException refused = assertThrows(RefusedException.class, () -> request(text));
            assertTrue(refused.getMessage().contains(words), refused.getMessage());
        });
    }
}
