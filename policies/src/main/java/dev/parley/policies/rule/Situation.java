package dev.parley.policies.rule;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The values that expressions of one policy see for one request. Variables are added in their order; one that has no value
 * is remembered with the reason, so that whoever needs it can say why.
 */
final class Situation {
    static final String REQUEST = "request";
    static final String PARAMS = "params";
    static final String VARIABLES = "variables";
    /** What a chain of names can begin with. */
    static final Set<String> ROOTS = Set.of(REQUEST, PARAMS, VARIABLES);

    /** Values that a variable may hold, elements and characters counted. */
    private static final int MAX_WEIGHT = 50_000;

    private final Map<String, Object> bindings = new HashMap<>();
    private final Map<String, Evaluation> variables = new LinkedHashMap<>();

    Situation(Map<String, Object> request, Map<String, Object> params) {
        bindings.put(REQUEST, request);
        bindings.put(PARAMS, params);
    }

    /** For CEL; not to be changed. */
    Map<String, Object> bindings() {
        return bindings;
    }

    void add(String variable, Evaluation evaluation) {
        Evaluation bounded = evaluation instanceof Evaluation.Value known && weight(known.value(), MAX_WEIGHT) < 0
                ? new Evaluation.Impossible(
                        "variable " + variable + " holds more than " + MAX_WEIGHT + " values and characters")
                : evaluation;
        variables.put(variable, bounded);
        if (bounded instanceof Evaluation.Value known) {
            bindings.put(VARIABLES + "." + variable, known.value());
        }
    }

    /** In their order. */
    Map<String, Evaluation> variables() {
        return variables;
    }

    /** The value at the end of a chain of names, if it is there. */
    Optional<Object> lookUp(List<String> path) {
        return walk(path, path.size());
    }

    /** Why there is nothing at the end of a chain of names; empty if there is. */
    Optional<Evaluation> obstacle(List<String> path) {
        if (path.getFirst().equals(VARIABLES)) {
            Evaluation variable = variables.get(path.get(1));
            if (variable != null && !(variable instanceof Evaluation.Value)) {
                return Optional.of(variable);
            }
        }
        for (int length = 2; length <= path.size(); length++) {
            if (walk(path, length).isEmpty()) {
                return Optional.of(new Evaluation.Missing(List.of(String.join(".", path.subList(0, length)))));
            }
        }
        return Optional.empty();
    }

    private Optional<Object> walk(List<String> path, int length) {
        boolean variable = path.getFirst().equals(VARIABLES);
        Object at = bindings.get(variable ? VARIABLES + "." + path.get(1) : path.getFirst());
        for (int i = variable ? 2 : 1; i < length && at != null; i++) {
            at = at instanceof Map<?, ?> map ? map.get(path.get(i)) : null;
        }
        return Optional.ofNullable(at);
    }

    /** What is left of an allowance after a value has been counted; negative when it is used up. */
    private static int weight(Object value, int allowance) {
        if (allowance < 0) {
            return allowance;
        }
        return switch (value) {
            case String text -> allowance - 1 - text.length();
            case Collection<?> elements -> weightOfAll(elements, allowance - 1);
            case Map<?, ?> map -> weightOfAll(map.keySet(), weightOfAll(map.values(), allowance - 1));
            default -> allowance - 1;
        };
    }

    private static int weightOfAll(Collection<?> values, int allowance) {
        int left = allowance;
        for (Object value : values) {
            left = weight(value, left);
            if (left < 0) {
                return left;
            }
        }
        return left;
    }
}
