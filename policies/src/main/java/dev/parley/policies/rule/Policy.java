package dev.parley.policies.rule;

import dev.parley.policies.document.Place;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.request.RequestKind;
import dev.parley.policies.request.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A policy as it was written, not yet type-checked.
 *
 * @param title one line for people
 * @param kinds of requests that it speaks about
 * @param params the parameters that a binding gives
 * @param defaults of parameters that a binding may leave out
 * @param failure what becomes of a request for which a validation cannot be evaluated
 * @param conditions all of which must hold for the policy to apply
 */
record Policy(
        String name,
        Place place,
        String title,
        String description,
        Set<RequestKind> kinds,
        ValueType.Struct params,
        Map<String, Object> defaults,
        FailurePolicy failure,
        List<Named> conditions,
        List<Named> variables,
        List<Validation> validations,
        List<Named> annotations) {
    Policy {
        kinds = Set.copyOf(kinds);
        defaults = Map.copyOf(defaults);
        conditions = List.copyOf(conditions);
        variables = List.copyOf(variables);
        validations = List.copyOf(validations);
        annotations = List.copyOf(annotations);
    }

    /** There is no third: a rule that cannot be checked never lets anything pass. */
    enum FailurePolicy {
        /** Inconclusive: somebody has to look. */
        ASK,
        /** Denied. */
        FAIL
    }

    /** An expression with a name. */
    record Named(String name, Yaml.Scalar expression) {}

    /**
     * A rule.
     *
     * @param message what is said when it is broken
     * @param messageExpression computes the message; the other one serves when that fails
     */
    record Validation(String name, Yaml.Scalar expression, String message, Optional<Yaml.Scalar> messageExpression) {}

    /** The same policy with one rule's expression replaced. */
    Policy with(int validation, Yaml.Scalar expression) {
        List<Validation> changed = new ArrayList<>(validations);
        Validation before = validations.get(validation);
        changed.set(
                validation, new Validation(before.name(), expression, before.message(), before.messageExpression()));
        return new Policy(
                name,
                place,
                title,
                description,
                kinds,
                params,
                defaults,
                failure,
                conditions,
                variables,
                changed,
                annotations);
    }
}
