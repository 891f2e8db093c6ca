package dev.parley.policies.rule;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.parley.policies.PolicySet;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.document.YamlReader;
import dev.parley.policies.request.RequestReader;
import dev.parley.policies.trial.Trials;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Policies and requests that nobody would write. Each input ends in an engine or a refusal that points at a place, never in
 * another exception. How many are tried is set by {@code -Dparley.fuzz.inputs}; the seed is fixed.
 */
final class PolicyFuzzTest {
    private static final int INPUTS = Integer.getInteger("parley.fuzz.inputs", 1_000);
    private static final long SEED = 20261124;

    private static final List<String> PIECES = List.of(
            "request",
            ".",
            "candidate",
            "auroc",
            "all(",
            "exists(",
            "filter(",
            "map(",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            "x",
            "'",
            "\"",
            "\\",
            "&&",
            "||",
            "!",
            "==",
            ">=",
            "<",
            "+",
            "-",
            "*",
            "/",
            "%",
            "?",
            ":",
            " ",
            "\n",
            "0",
            "1",
            "9223372036854775807",
            "1e999",
            "true",
            "null",
            "in",
            "has(",
            "size(",
            "string(",
            "duration('1h')",
            "timestamp('x')",
            "params",
            "variables",
            "&a",
            "*a",
            "!!x",
            "---",
            "- ",
            "|",
            ">",
            "#",
            "\t",
            "\u0000",
            "é",
            "\ud83d\ude00",
            "kind: ",
            "spec: ",
            "expression: ",
            "@",
            "`",
            "..",
            "request.sites",
            "dyn(",
            "type(",
            "b'x'");

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<String> seeds = new ArrayList<>();

    private PolicyFuzzTest() {}

    @Test
    void mutatedPoliciesAreReadOrRefusedAndThenDecideWithoutBreaking() throws Exception {
        Path folder = Path.of("library", "rules");
        PolicySet library = PolicySet.load(folder);
        for (String name : library.names()) {
            seeds.add(new String(library.content(name), StandardCharsets.UTF_8));
        }
        int engines = 0;
        for (int i = 0; i < INPUTS; i++) {
            String text = mutated(seeds.get(random.nextInt(seeds.size())), 4);
            String name = random.nextInt(4) == 0 ? "f.test.yaml" : "f.yaml";
            try {
                Map<String, byte[]> documents = new HashMap<>();
                documents.put(name, text.getBytes(StandardCharsets.UTF_8));
                Trials.load(PolicySet.of(documents));
                engines++;
            } catch (RefusedException refused) {
                assertTrue(refused.problems().getFirst().place().line() >= 1);
            } catch (RuntimeException | StackOverflowError broken) {
                fail("seed " + SEED + ", input " + i + ":\n" + text, broken);
            }
        }
        assertTrue(engines > INPUTS / 200, "mutations that leave a policy valid are tried too, got " + engines);
    }

    @Test
    void expressionsOfAnySortAreCheckedAndEvaluatedOrRefused() throws Exception {
        int evaluated = 0;
        for (int i = 0; i < INPUTS; i++) {
            String expression = random.nextInt(3) == 0 ? soup(1 + random.nextInt(40)) : grown(3);
            try {
                PolicyEngine engine =
                        PolicyText.engine(PolicyText.rule("p", expression.replaceAll("\\p{Cntrl}", " "), "Deny"));
                engine.decide(PolicyText.request(PolicyText.QUERY));
                engine.changes(PolicyText.request(PolicyText.QUERY));
                evaluated++;
            } catch (RefusedException refused) {
                assertTrue(refused.problems().getFirst().place().line() >= 1);
            } catch (RuntimeException | StackOverflowError broken) {
                fail("seed " + SEED + ", input " + i + ": " + expression, broken);
            }
        }
        assertTrue(evaluated > INPUTS / 20, "well-typed ones are tried too, got " + evaluated);
    }

    @Test
    void mutatedRequestsAreReadAndDecidedOrRefused() throws Exception {
        PolicyEngine engine = PolicyText.engine(
                PolicyText.rule("a", "request.sites.all(s, s.jurisdiction in ['DE'])", "Deny"),
                PolicyText.rule("b", "request.records - request.smallestGroup > 9", "Deny"));
        int decided = 0;
        for (int i = 0; i < INPUTS; i++) {
            String text = mutated(PolicyText.QUERY, 2);
            try {
                for (Yaml document : YamlReader.read("r.yaml", 1, text)) {
                    engine.decide(RequestReader.read(document));
                    decided++;
                }
            } catch (RefusedException refused) {
                assertTrue(refused.problems().getFirst().place().line() >= 1);
            } catch (RuntimeException | StackOverflowError broken) {
                fail("seed " + SEED + ", input " + i + ":\n" + text, broken);
            }
        }
        assertTrue(decided > INPUTS / 50, "mutations that leave a request valid are tried too, got " + decided);
    }

    private String mutated(String text, int most) {
        StringBuilder changed = new StringBuilder(text);
        int changes = 1 + random.nextInt(most);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(changed.length() + 1);
            int end = Math.min(changed.length(), at + random.nextInt(12));
            switch (random.nextInt(4)) {
                case 0 -> changed.delete(at, end);
                case 1 -> changed.insert(at, piece());
                case 2 -> changed.replace(at, end, piece());
                default -> changed.insert(at, changed.substring(at, end));
            }
        }
        return changed.toString();
    }

    private String piece() {
        return PIECES.get(random.nextInt(PIECES.size()));
    }

    private String soup(int pieces) {
        StringBuilder soup = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            soup.append(piece());
        }
        return soup.toString();
    }

    /** A condition that is mostly well-typed. */
    private String grown(int depth) {
        int choice = depth == 0 ? random.nextInt(3) : random.nextInt(9);
        return switch (choice) {
            case 0 -> number(depth) + List.of(" < ", " == ", " >= ").get(random.nextInt(3)) + number(depth);
            case 1 -> "request.sites.exists(s, s.jurisdiction == 'DE')";
            case 2 -> "has(request.purpose)";
            case 3 -> "(" + grown(depth - 1) + " && " + grown(depth - 1) + ")";
            case 4 -> "(" + grown(depth - 1) + " || " + grown(depth - 1) + ")";
            case 5 -> "!(" + grown(depth - 1) + ")";
            case 6 -> "request.sites.all(s, " + grown(depth - 1) + ")";
            case 7 -> "(" + grown(depth - 1) + " ? " + grown(depth - 1) + " : " + grown(depth - 1) + ")";
            default -> text(depth) + " == " + text(depth);
        };
    }

    private String number(int depth) {
        return switch (depth == 0 ? random.nextInt(3) : random.nextInt(6)) {
            case 0 -> "request.records";
            case 1 -> String.valueOf(random.nextLong());
            case 2 -> "request.smallestGroup";
            case 3 ->
                "(" + number(depth - 1)
                        + List.of(" + ", " - ", " * ", " / ", " % ").get(random.nextInt(5)) + number(depth - 1) + ")";
            case 4 -> "request.sites.size()";
            default -> "request.sites.map(s, s.name.size())[" + random.nextInt(4) + "]";
        };
    }

    private String text(int depth) {
        return switch (depth == 0 ? random.nextInt(2) : random.nextInt(4)) {
            case 0 -> "request.statistic";
            case 1 -> "'x'";
            case 2 -> "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
            default -> "string(" + number(depth - 1) + ")";
        };
    }
}
