package dev.parley.policies.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.rule.Change;
import dev.parley.policies.rule.Decision;
import dev.parley.policies.rule.PolicyTrace;
import dev.parley.policies.rule.PolicyTrace.Outcome;
import dev.parley.policies.rule.PolicyTrace.Result;
import dev.parley.policies.rule.Verdict;
import java.util.List;
import java.util.Map;

/** A decision told to people, and to scripts. */
final class Told {
    static final ObjectMapper JSON = new ObjectMapper();

    private Told() {}

    static String words(Decision decision, List<Change> changes) {
        StringBuilder text = new StringBuilder();
        text.append(opening(decision)).append('\n');
        for (PolicyTrace trace : decision.traces()) {
            text.append('\n').append(trace.binding());
            if (!trace.binding().equals(trace.policy())) {
                text.append(" (policy ").append(trace.policy()).append(')');
            }
            text.append(trace.title().isEmpty() ? "" : ": " + trace.title()).append('\n');
            trace.clauses()
                    .forEach(clause ->
                            text.append("  helps with ").append(clause).append('\n'));
            trace.variables()
                    .forEach((name, value) -> text.append("  ")
                            .append(name)
                            .append(" = ")
                            .append(value)
                            .append('\n'));
            outcome(text, trace, changes);
            trace.annotations()
                    .forEach((key, value) -> text.append("  on record: ")
                            .append(key)
                            .append(" = ")
                            .append(value)
                            .append('\n'));
        }
        decision.warnings().forEach(finding -> text.append("\nwarning: ").append(finding.line()));
        decision.audited().forEach(finding -> text.append("\non record: ").append(finding.line()));
        return text.toString().stripTrailing();
    }

    private static String opening(Decision decision) {
        String what = decision.kind().word();
        int bindings = decision.traces().size();
        return switch (decision.verdict()) {
            case Verdict.Allow allow ->
                bindings == 0
                        ? "Allow: no policy in this set speaks about " + what
                        : "Allow: nothing speaks against this " + what + " (" + bindings + " bindings looked at it)";
            case Verdict.Deny deny ->
                "Deny: this " + what + " breaks "
                        + count(
                                deny.findings().stream()
                                        .filter(Verdict.Finding::checked)
                                        .count(),
                                "rule");
            case Verdict.Inconclusive inconclusive ->
                "Inconclusive: a human has to decide about this " + what + "; "
                        + count(inconclusive.findings().size(), "rule") + " could not be checked";
        };
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static void outcome(StringBuilder text, PolicyTrace trace, List<Change> changes) {
        switch (trace.outcome()) {
            case Outcome.DoesNotApply not ->
                text.append("  does not apply: condition ")
                        .append(not.condition())
                        .append(" does not hold\n");
            case Outcome.Unknown unknown ->
                text.append("  UNKNOWN whether it applies: condition ")
                        .append(unknown.condition())
                        .append(": ")
                        .append(unknown.reason())
                        .append('\n');
            case Outcome.Applied applied -> applied.rules().forEach(rule -> rule(text, trace, rule, changes));
        }
    }

    private static void rule(StringBuilder text, PolicyTrace trace, PolicyTrace.RuleTrace rule, List<Change> changes) {
        String found = switch (rule.result()) {
            case Result.Held held -> "  holds    " + rule.rule();
            case Result.Broken broken -> "  BROKEN   " + rule.rule() + ": " + broken.message();
            case Result.Unchecked unchecked -> "  UNKNOWN  " + rule.rule() + ": " + unchecked.reason();
        };
        text.append(found).append('\n');
        rule.values()
                .forEach((name, value) -> text.append("             ")
                        .append(name)
                        .append(" = ")
                        .append(value)
                        .append('\n'));
        changes.stream()
                .filter(change -> change.binding().equals(trace.binding())
                        && change.rule().equals(rule.rule()))
                .flatMap(change -> change.sentences().stream())
                .forEach(sentence ->
                        text.append("           to change: ").append(sentence).append('\n'));
    }

    static ObjectNode json(Decision decision) {
        ObjectNode node = JSON.createObjectNode();
        node.put("kind", decision.kind().word());
        node.put("verdict", decision.verdict().word());
        node.put("policyHash", decision.policyHash());
        findings(node.putArray("reasons"), decision.verdict().reasons());
        findings(node.putArray("warnings"), decision.warnings());
        findings(node.putArray("audited"), decision.audited());
        ArrayNode traces = node.putArray("traces");
        for (PolicyTrace trace : decision.traces()) {
            ObjectNode told = traces.addObject();
            told.put("binding", trace.binding());
            told.put("policy", trace.policy());
            trace.clauses().forEach(told.putArray("helpsWith")::add);
            strings(told.putObject("variables"), trace.variables());
            strings(told.putObject("annotations"), trace.annotations());
            switch (trace.outcome()) {
                case Outcome.DoesNotApply not -> told.put("doesNotApply", not.condition());
                case Outcome.Unknown unknown ->
                    told.put("unknown", unknown.condition()).put("reason", unknown.reason());
                case Outcome.Applied applied -> {
                    ArrayNode rules = told.putArray("rules");
                    applied.rules().forEach(rule -> rule(rules.addObject(), rule));
                }
            }
        }
        return node;
    }

    private static void rule(ObjectNode node, PolicyTrace.RuleTrace rule) {
        node.put("rule", rule.rule()).put("expression", rule.expression());
        switch (rule.result()) {
            case Result.Held held -> node.put("result", "held");
            case Result.Broken broken -> node.put("result", "broken").put("message", broken.message());
            case Result.Unchecked unchecked -> node.put("result", "unchecked").put("message", unchecked.reason());
        }
        strings(node.putObject("values"), rule.values());
    }

    private static void findings(ArrayNode nodes, List<Verdict.Finding> findings) {
        for (Verdict.Finding finding : findings) {
            ObjectNode node = nodes.addObject();
            node.put("binding", finding.binding());
            node.put("policy", finding.policy());
            node.put("rule", finding.rule());
            node.put("checked", finding.checked());
            node.put("message", finding.message());
            strings(node.putObject("values"), finding.values());
        }
    }

    private static void strings(ObjectNode node, Map<String, String> values) {
        values.forEach(node::put);
    }

    static ArrayNode json(List<RefusedException.Problem> problems) {
        ArrayNode nodes = JSON.createArrayNode();
        for (RefusedException.Problem problem : problems) {
            nodes.addObject()
                    .put("file", problem.place().file())
                    .put("line", problem.place().line())
                    .put("column", problem.place().column())
                    .put("message", problem.message());
        }
        return nodes;
    }
}
