package dev.parley.policies.rule;

import java.util.List;

/** What came of evaluating an expression. */
sealed interface Evaluation {
    record Value(Object value) implements Evaluation {}

    /**
     * It needs what the request does not say.
     *
     * @param paths the absent values, such as {@code request.candidate.auroc}; at least one
     */
    record Missing(List<String> paths) implements Evaluation {
        public Missing {
            paths = List.copyOf(paths);
        }
    }

    /** It cannot be evaluated for another reason, such as a division by zero or a limit. */
    record Impossible(String reason) implements Evaluation {}

    /** Why there is no value; empty for a value. */
    default String obstacle() {
        return switch (this) {
            case Value value -> "";
            case Missing missing -> String.join(" and ", missing.paths()) + " is not given";
            case Impossible impossible -> "cannot be evaluated: " + impossible.reason();
        };
    }
}
