package dev.parley.policies.rule;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the policies say to a request. */
public sealed interface Verdict {
    /** Nothing speaks against it. */
    record Allow() implements Verdict {}

    /** @param findings at least one of them forbids it */
    record Deny(List<Finding> findings) implements Verdict {
        public Deny {
            findings = List.copyOf(findings);
        }
    }

    /** Nothing forbids it, but not everything could be checked: a human has to decide. */
    record Inconclusive(List<Finding> findings) implements Verdict {
        public Inconclusive {
            findings = List.copyOf(findings);
        }
    }

    /** {@code Allow}, {@code Deny} or {@code Inconclusive}. */
    default String word() {
        return getClass().getSimpleName();
    }

    /** Why it is not allowed; empty if it is. */
    default List<Finding> reasons() {
        return switch (this) {
            case Allow allow -> List.of();
            case Deny deny -> deny.findings();
            case Inconclusive inconclusive -> inconclusive.findings();
        };
    }

    /**
     * A rule that speaks against a request, or that could not be checked.
     *
     * @param rule the validation's or condition's name
     * @param checked false if the rule could not be evaluated
     * @param values what the rule compares, by the names under which it does
     */
    record Finding(
            String binding, String policy, String rule, boolean checked, String message, Map<String, String> values) {
        public Finding {
            values = Collections.unmodifiableMap(new TreeMap<>(values));
        }

        /** One line: the policy, the rule, what it says, and the values. */
        public String line() {
            StringBuilder line = new StringBuilder("policy " + policy + ", rule " + rule + ": " + message);
            if (!values.isEmpty()) {
                line.append(" (");
                values.forEach((name, value) ->
                        line.append(name).append(" = ").append(value).append(", "));
                line.setLength(line.length() - 2);
                line.append(")");
            }
            return line.toString();
        }
    }
}
