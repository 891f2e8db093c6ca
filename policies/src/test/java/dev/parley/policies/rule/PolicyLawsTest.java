package dev.parley.policies.rule;

import static dev.parley.policies.rule.PolicyText.QUERY;
import static dev.parley.policies.rule.PolicyText.request;
import static dev.parley.policies.rule.PolicyText.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.policies.document.RefusedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Laws of decisions, whatever the policies. */
final class PolicyLawsTest {
    private static final List<String> EXPRESSIONS = List.of(
            "request.records >= 50",
            "request.records >= 500",
            "request.smallestGroup >= 5",
            "request.sites.all(s, has(s.jurisdiction))",
            "request.sites.exists(s, s.name == ''ward-1'')",
            "request.sites.all(s, s.jurisdiction == ''DE'')",
            "request.purpose == ''research''",
            "request.records / 0 == 1");

    private record Rule(int expression, String action) {}

    @Provide
    Arbitrary<List<Rule>> rules() {
        Arbitrary<Integer> expression = Arbitraries.integers().between(0, EXPRESSIONS.size() - 1);
        Arbitrary<String> action = Arbitraries.of("Deny", "Warn", "Audit");
        return expression
                .flatMap(index -> action.map(word -> new Rule(index, word)))
                .list()
                .ofMaxSize(6);
    }

    private static List<String> texts(List<Rule> rules) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            String expression = EXPRESSIONS.get(rules.get(i).expression()).replace("''", "'");
            texts.add(rule("p" + i, expression, rules.get(i).action()));
        }
        return texts;
    }

    private static Decision decide(List<String> texts) throws RefusedException {
        return PolicyText.engine(String.join("", texts)).decide(request(QUERY));
    }

    private static int strictness(Decision decision) {
        return switch (decision.verdict()) {
            case Verdict.Allow allow -> 0;
            case Verdict.Inconclusive inconclusive -> 1;
            case Verdict.Deny deny -> 2;
        };
    }

    @Property(tries = 60, seed = "20261124")
    void theSameRequestIsDecidedAlikeAndTheOrderOfDocumentsDoesNotMatter(
            @ForAll("rules") List<Rule> rules, @ForAll Random order) throws RefusedException {
        List<String> texts = texts(rules);
        Decision decision = decide(texts);
        Collections.shuffle(texts, order);
        Decision shuffled = decide(texts);

        assertEquals(decision.verdict(), shuffled.verdict());
        assertEquals(decision.traces(), shuffled.traces());
        assertEquals(decision.warnings(), shuffled.warnings());
        assertEquals(decision.audited(), shuffled.audited());
    }

    @Property(tries = 60, seed = "20261125")
    void moreBindingsNeverAllowMore(@ForAll("rules") List<Rule> rules) throws RefusedException {
        List<String> texts = texts(rules);
        int before = 0;
        for (int i = 0; i <= texts.size(); i++) {
            int now = strictness(decide(texts.subList(0, i)));
            assertTrue(now >= before, () -> "became laxer with " + rules);
            before = now;
        }
    }
}
