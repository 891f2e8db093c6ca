package dev.parley.policies.trial;

import dev.parley.policies.PolicySet;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.rule.Decision;
import dev.parley.policies.rule.PolicyEngine;
import dev.parley.policies.rule.PolicyWorkbench;
import dev.parley.policies.rule.PolicyWorkbench.Mutation;
import dev.parley.policies.rule.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tests of a set of policies. */
public final class Trials {
    private final PolicyEngine engine;
    private final PolicyWorkbench workbench;
    private final List<TrialCase> cases;

    private Trials(PolicyEngine engine, PolicyWorkbench workbench, List<TrialCase> cases) {
        this.engine = engine;
        this.workbench = workbench;
        this.cases = cases;
    }

    /**
     * Reads policies, bindings and the test files beside them.
     *
     * @throws RefusedException with every problem of every document
     */
    public static Trials load(PolicySet set) throws RefusedException {
        PolicyEngine engine = PolicyEngine.load(set);
        List<TrialCase> cases = new ArrayList<>();
        List<RefusedException.Problem> problems = new ArrayList<>();
        for (String name : set.names()) {
            if (name.endsWith(".test.yaml")) {
                try {
                    cases.addAll(TrialFile.read(name, set.content(name)).cases());
                } catch (RefusedException e) {
                    problems.addAll(e.problems());
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new RefusedException(problems);
        }
        return new Trials(engine, PolicyWorkbench.of(engine), cases);
    }

    /** @throws RefusedException if a test is about a policy that is not there, or gives parameters that do not fit */
    public List<TrialResult> run() throws RefusedException {
        List<TrialResult> results = new ArrayList<>();
        for (TrialCase each : cases) {
            results.add(run(each, Optional.empty()));
        }
        return List.copyOf(results);
    }

    /**
     * Changes each rule of each policy in two ways, inverted and left out, and runs the policy's cases again: a rule whose
     * change no case notices is not tested.
     *
     * @throws RefusedException as {@link #run}
     */
    public List<Survivor> mutate() throws RefusedException {
        List<Survivor> survivors = new ArrayList<>();
        for (String policy : engine.policyNames()) {
            List<TrialCase> about = cases.stream()
                    .filter(each -> each.policy().isPresent()
                            && each.policy().get().value().equals(policy))
                    .toList();
            for (Mutation mutation : workbench.mutations(policy)) {
                boolean noticed = false;
                for (TrialCase each : about) {
                    noticed = noticed || !run(each, Optional.of(mutation)).passed();
                }
                if (!noticed) {
                    survivors.add(new Survivor(policy, mutation.rule(), mutation.what()));
                }
            }
        }
        return List.copyOf(survivors);
    }

    private TrialResult run(TrialCase each, Optional<Mutation> mutation) throws RefusedException {
        Decision decision = each.policy().isPresent()
                ? workbench
                        .engine(each.policy().get(), each.params(), each.place(), mutation)
                        .decide(each.request())
                : engine.decide(each.request());
        return new TrialResult(
                each.policy().map(policy -> policy.value()).orElse(""),
                each.name(),
                each.place(),
                difference(each, decision.verdict()));
    }

    private static Optional<String> difference(TrialCase expected, Verdict verdict) {
        String got = verdict.reasons().isEmpty()
                ? verdict.word()
                : verdict.word() + ": "
                        + String.join(
                                "; ",
                                verdict.reasons().stream()
                                        .map(Verdict.Finding::line)
                                        .toList());
        if (!verdict.word().equals(expected.verdict())) {
            return Optional.of("expected " + expected.verdict() + ", got " + got);
        }
        List<Verdict.Finding> about = verdict.reasons().stream()
                .filter(finding -> expected.rule().isEmpty()
                        || finding.rule().equals(expected.rule().get()))
                .toList();
        if (expected.rule().isPresent() && about.isEmpty()) {
            return Optional.of("expected rule " + expected.rule().get() + " to speak against it, got " + got);
        }
        if (expected.message().isPresent()
                && about.stream()
                        .noneMatch(finding ->
                                finding.message().equals(expected.message().get()))) {
            return Optional.of("expected the message '" + expected.message().get() + "', got " + got);
        }
        return Optional.empty();
    }
}
