package dev.parley.policies.rule;

import dev.parley.policies.document.Place;
import dev.parley.policies.document.Yaml;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A binding as it was written: it puts a policy in force, with parameters.
 *
 * @param policy the policy's name, and where it stands
 * @param actions what a broken rule leads to
 * @param helpsWith clauses of laws that the binding helps with
 */
record PolicyBinding(
        String name,
        Place place,
        Yaml.Scalar policy,
        Optional<Yaml> params,
        Set<Action> actions,
        List<Clause> helpsWith) {
    PolicyBinding {
        actions = Set.copyOf(actions);
        helpsWith = List.copyOf(helpsWith);
    }

    /** What a broken rule leads to. */
    enum Action {
        DENY,
        WARN,
        AUDIT
    }

    /**
     * A clause of a law.
     *
     * @param how what the binding does towards it, and no more
     */
    record Clause(String clause, String how) {}
}
