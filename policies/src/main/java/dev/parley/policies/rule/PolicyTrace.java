package dev.parley.policies.rule;

import java.util.List;
import java.util.Map;

/**
 * What one binding made of a request.
 *
 * @param title the policy's
 * @param clauses of laws that the binding helps with
 * @param variables values by name; what has none says why
 */
public record PolicyTrace(
        String binding,
        String policy,
        String title,
        List<String> clauses,
        Map<String, String> variables,
        Outcome outcome,
        Map<String, String> annotations) {
    public PolicyTrace {
        clauses = List.copyOf(clauses);
    }

    /** Whether the policy applied, and how its rules fared. */
    public sealed interface Outcome {
        /** @param condition that does not hold */
        record DoesNotApply(String condition) implements Outcome {}

        /** It is not known whether the policy applies. */
        record Unknown(String condition, String reason) implements Outcome {}

        /** @param rules in the policy's order */
        record Applied(List<RuleTrace> rules) implements Outcome {
            public Applied {
                rules = List.copyOf(rules);
            }
        }
    }

    /**
     * One validation.
     *
     * @param values what it compares
     */
    public record RuleTrace(String rule, String expression, Result result, Map<String, String> values) {}

    /** How a validation fared. */
    public sealed interface Result {
        record Held() implements Result {}

        record Broken(String message) implements Result {}

        record Unchecked(String reason) implements Result {}
    }
}
