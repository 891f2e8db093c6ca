package dev.parley.policies.rule;

import dev.parley.policies.document.NearestWord;
import dev.parley.policies.document.Place;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.Yaml;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes single policies out of a set to try them: with given parameters, and changed on purpose. */
public final class PolicyWorkbench {
    private final PolicyEngine engine;
    private final Map<Key, PolicyEngine> made = new HashMap<>();

    private record Key(String policy, Optional<Yaml> params, Optional<Mutation> mutation) {}

    private PolicyWorkbench(PolicyEngine engine) {
        this.engine = engine;
    }

    public static PolicyWorkbench of(PolicyEngine engine) {
        return new PolicyWorkbench(engine);
    }

    /**
     * A change to one rule.
     *
     * @param index of the rule in its policy
     * @param what in words
     * @param pattern the changed expression, {@code %s} being the original
     */
    public record Mutation(String rule, int index, String what, String pattern) {}

    /** Each rule of a policy inverted, and each left out. */
    public List<Mutation> mutations(String policy) {
        List<Mutation> mutations = new ArrayList<>();
        Policy known = engine.policies().get(policy);
        if (known != null) {
            for (int i = 0; i < known.validations().size(); i++) {
                String rule = known.validations().get(i).name();
                mutations.add(new Mutation(rule, i, "inverted", "!(%s)"));
                mutations.add(new Mutation(rule, i, "left out", "true || (%s)"));
            }
        }
        return List.copyOf(mutations);
    }

    /**
     * An engine in which one policy alone is in force, and denies.
     *
     * @param place of who asks, for errors
     * @throws RefusedException if there is no such policy or the parameters do not fit
     */
    public PolicyEngine engine(Yaml.Scalar policy, Optional<Yaml> params, Place place, Optional<Mutation> mutation)
            throws RefusedException {
        Policy known = engine.policies().get(policy.value());
        if (known == null) {
            throw new RefusedException(
                    policy.place(),
                    "there is no policy '" + policy.value() + "' beside this test"
                            + NearestWord.hint(policy.value(), engine.policies().keySet()));
        }
        Key key = new Key(policy.value(), params, mutation);
        PolicyEngine before = made.get(key);
        if (before != null) {
            return before;
        }
        Policy changed = mutation.isEmpty() ? known : changed(known, mutation.get());
        PolicyBinding binding =
                new PolicyBinding(known.name(), place, policy, params, Set.of(PolicyBinding.Action.DENY), List.of());
        PolicyEngine alone = PolicyEngine.of(engine.hash(), new PolicyDocuments(List.of(changed), List.of(binding)));
        made.put(key, alone);
        return alone;
    }

    private static Policy changed(Policy policy, Mutation mutation) {
        Yaml.Scalar before = policy.validations().get(mutation.index()).expression();
        String text = mutation.pattern().formatted(before.value());
        return policy.with(mutation.index(), new Yaml.Scalar(text, before.plain(), before.place(), before.source()));
    }
}
