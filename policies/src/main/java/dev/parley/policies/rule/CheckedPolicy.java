package dev.parley.policies.rule;

import dev.parley.policies.document.RefusedException;
import dev.parley.policies.request.RequestKind;
import dev.parley.policies.request.RequestSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A policy that has been type-checked for one kind of request. */
final class CheckedPolicy {
    private final Policy policy;
    private final List<Checked> conditions;
    private final List<Checked> variables;
    private final List<CheckedValidation> validations;
    private final List<Checked> annotations;

    record Checked(String name, Expression expression) {}

    record CheckedValidation(String name, Expression condition, String message, Optional<Expression> computed) {}

    private CheckedPolicy(
            Policy policy,
            List<Checked> conditions,
            List<Checked> variables,
            List<CheckedValidation> validations,
            List<Checked> annotations) {
        this.policy = policy;
        this.conditions = conditions;
        this.variables = variables;
        this.validations = validations;
        this.annotations = annotations;
    }

    /** @throws RefusedException with every ill-typed expression */
    static CheckedPolicy check(Policy policy, RequestKind kind) throws RefusedException {
        String of = " of policy " + policy.name() + (policy.kinds().size() > 1 ? " for " + kind.word() : "");
        Names names = Names.of(RequestSchema.of(kind), policy.params());
        List<RefusedException.Problem> problems = new ArrayList<>();
        List<Checked> conditions = new ArrayList<>();
        for (Policy.Named condition : policy.conditions()) {
            attempt(
                    problems,
                    () -> conditions.add(new Checked(
                            condition.name(),
                            names.checkCondition(condition.expression(), "condition " + condition.name() + of))));
        }
        Names all = names;
        List<Checked> variables = new ArrayList<>();
        for (Policy.Named variable : policy.variables()) {
            // What stands below a variable that is ill-typed would only be reported for its sake.
            Expression expression = all.checkValue(variable.expression(), "variable " + variable.name() + of);
            variables.add(new Checked(variable.name(), expression));
            all = all.and(variable.name(), expression.type());
        }
        Names visible = all;
        List<CheckedValidation> validations = new ArrayList<>();
        for (Policy.Validation validation : policy.validations()) {
            attempt(problems, () -> validations.add(validation(validation, visible, of)));
        }
        List<Checked> annotations = new ArrayList<>();
        for (Policy.Named annotation : policy.annotations()) {
            attempt(
                    problems,
                    () -> annotations.add(new Checked(
                            annotation.name(),
                            visible.checkText(annotation.expression(), "annotation " + annotation.name() + of))));
        }
        if (!problems.isEmpty()) {
            throw new RefusedException(problems);
        }
        return new CheckedPolicy(policy, conditions, variables, validations, annotations);
    }

    private static CheckedValidation validation(Policy.Validation validation, Names names, String of)
            throws RefusedException {
        String what = "rule " + validation.name() + of;
        Expression condition = names.checkCondition(validation.expression(), what);
        Optional<Expression> message = validation.messageExpression().isEmpty()
                ? Optional.empty()
                : Optional.of(names.checkText(validation.messageExpression().get(), "the message of " + what));
        return new CheckedValidation(validation.name(), condition, validation.message(), message);
    }

    /** One check whose refusal is kept while the others go on. */
    private interface Attempt {
        void run() throws RefusedException;
    }

    private static void attempt(List<RefusedException.Problem> problems, Attempt attempt) {
        try {
            attempt.run();
        } catch (RefusedException e) {
            problems.addAll(e.problems());
        }
    }

    Policy policy() {
        return policy;
    }

    List<CheckedValidation> validations() {
        return validations;
    }

    /** The values that this policy sees. */
    Situation situation(Map<String, Object> request, Map<String, Object> params) {
        Situation situation = new Situation(request, params);
        for (Checked variable : variables) {
            situation.add(variable.name(), variable.expression().evaluate(situation));
        }
        return situation;
    }

    PolicyTrace.Outcome judge(Situation situation) {
        Optional<PolicyTrace.Outcome> unknown = Optional.empty();
        for (Checked condition : conditions) {
            Evaluation evaluation = condition.expression().evaluate(situation);
            if (evaluation instanceof Evaluation.Value known) {
                if (!known.value().equals(true)) {
                    // One that does not hold settles it, whatever is unknown about the others.
                    return new PolicyTrace.Outcome.DoesNotApply(condition.name());
                }
            } else if (unknown.isEmpty()) {
                unknown = Optional.of(new PolicyTrace.Outcome.Unknown(condition.name(), evaluation.obstacle()));
            }
        }
        if (unknown.isPresent()) {
            return unknown.get();
        }
        List<PolicyTrace.RuleTrace> rules = new ArrayList<>();
        for (CheckedValidation validation : validations) {
            rules.add(new PolicyTrace.RuleTrace(
                    validation.name(),
                    validation.condition().text().strip(),
                    result(validation, situation),
                    validation.condition().values(situation)));
        }
        return new PolicyTrace.Outcome.Applied(rules);
    }

    private static PolicyTrace.Result result(CheckedValidation validation, Situation situation) {
        Evaluation evaluation = validation.condition().evaluate(situation);
        if (!(evaluation instanceof Evaluation.Value known)) {
            return new PolicyTrace.Result.Unchecked(evaluation.obstacle());
        }
        if (known.value().equals(true)) {
            return new PolicyTrace.Result.Held();
        }
        Evaluation message = validation.computed().isPresent()
                ? validation.computed().get().evaluate(situation)
                : new Evaluation.Value(validation.message());
        return new PolicyTrace.Result.Broken(
                message instanceof Evaluation.Value text ? text.value().toString() : validation.message());
    }

    /** For each rule that does not hold, what would have to change; in the policy's order. */
    Map<String, List<String>> unmet(Situation situation) {
        Map<String, List<String>> unmet = new LinkedHashMap<>();
        if (judge(situation) instanceof PolicyTrace.Outcome.Applied) {
            for (CheckedValidation validation : validations) {
                if (!(result(validation, situation) instanceof PolicyTrace.Result.Held)) {
                    unmet.put(validation.name(), Requirement.unmet(validation.condition(), situation));
                }
            }
        }
        return unmet;
    }

    Map<String, String> shownVariables(Situation situation) {
        Map<String, String> shown = new LinkedHashMap<>();
        situation
                .variables()
                .forEach((name, evaluation) -> shown.put(
                        name,
                        evaluation instanceof Evaluation.Value known
                                ? Shown.of(known.value())
                                : "(" + evaluation.obstacle() + ")"));
        return shown;
    }

    Map<String, String> annotations(Situation situation) {
        Map<String, String> shown = new TreeMap<>();
        for (Checked annotation : annotations) {
            Evaluation evaluation = annotation.expression().evaluate(situation);
            shown.put(
                    annotation.name(),
                    evaluation instanceof Evaluation.Value known
                            ? known.value().toString()
                            : "(" + evaluation.obstacle() + ")");
        }
        return shown;
    }
}
