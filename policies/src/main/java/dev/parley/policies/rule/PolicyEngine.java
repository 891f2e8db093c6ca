package dev.parley.policies.rule;

import dev.parley.policies.PolicySet;
import dev.parley.policies.document.NearestWord;
import dev.parley.policies.document.Place;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.RefusedException.Problem;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.request.GovernedRequest;
import dev.parley.policies.request.RequestKind;
import dev.parley.policies.request.RequestValues;
import dev.parley.policies.request.ValueReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Policies in force, type-checked, ready to decide.
 *
 * <p><b>Guarantees</b>: {@link #decide} is a function of the set and the request, safe from any thread, in bounded time. A
 * binding with {@code Deny} whose rule is broken denies; one that cannot be checked denies or makes the decision
 * inconclusive as its policy says, and never allows. Neither the order of documents nor other bindings change what one
 * binding finds, so more of them never allow more. <b>Does not</b> deny what no binding speaks about.
 */
public final class PolicyEngine {
    private static final String LIMITS = "limits";

    private final String hash;
    private final SortedMap<String, Policy> policies;
    private final Map<RequestKind, List<Bound>> bound;
    private final List<Bound> bindings;

    /** A binding with its policy for each kind of request, and its parameters. */
    record Bound(
            PolicyBinding binding,
            Policy policy,
            Map<String, Object> params,
            Map<RequestKind, CheckedPolicy> checked) {}

    private PolicyEngine(String hash, SortedMap<String, Policy> policies, List<Bound> bindings) {
        this.hash = hash;
        this.policies = policies;
        this.bindings = bindings;
        this.bound = new EnumMap<>(RequestKind.class);
        for (RequestKind kind : RequestKind.values()) {
            bound.put(
                    kind,
                    bindings.stream()
                            .filter(each -> each.checked().containsKey(kind))
                            .toList());
        }
    }

    /**
     * Reads and type-checks a set; files that end in {@code .test.yaml} are left out.
     *
     * @throws RefusedException with every problem of every document
     */
    public static PolicyEngine load(PolicySet set) throws RefusedException {
        return of(set.hash(), PolicyDocuments.read(set));
    }

    static PolicyEngine of(String hash, PolicyDocuments documents) throws RefusedException {
        List<Problem> problems = new ArrayList<>();
        SortedMap<String, Policy> policies = new TreeMap<>();
        Map<String, Map<RequestKind, CheckedPolicy>> checked = new LinkedHashMap<>();
        for (Policy policy : documents.policies()) {
            policies.put(policy.name(), policy);
            Map<RequestKind, CheckedPolicy> byKind = new EnumMap<>(RequestKind.class);
            for (RequestKind kind : new TreeSet<>(policy.kinds())) {
                try {
                    byKind.put(kind, CheckedPolicy.check(policy, kind));
                } catch (RefusedException e) {
                    // What is wrong for one kind of request is mostly wrong for all: each place is told once.
                    e.problems().stream()
                            .filter(problem -> problems.stream()
                                    .noneMatch(known -> known.place().equals(problem.place())))
                            .forEach(problems::add);
                }
            }
            checked.put(policy.name(), byKind);
        }
        List<Bound> bindings = new ArrayList<>();
        for (PolicyBinding binding : documents.bindings()) {
            try {
                Policy policy = policyOf(binding, policies);
                bindings.add(new Bound(
                        binding,
                        policy,
                        params(policy, binding.params(), binding.place()),
                        checked.getOrDefault(policy.name(), Map.of())));
            } catch (RefusedException e) {
                problems.addAll(e.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new RefusedException(problems);
        }
        bindings.sort(Comparator.comparing(each -> each.binding().name()));
        return new PolicyEngine(hash, policies, List.copyOf(bindings));
    }

    private static Policy policyOf(PolicyBinding binding, SortedMap<String, Policy> policies) throws RefusedException {
        String name = binding.policy().value();
        Policy policy = policies.get(name);
        if (policy == null) {
            throw new RefusedException(
                    binding.policy().place(),
                    "there is no policy '" + name + "' in this set" + NearestWord.hint(name, policies.keySet()));
        }
        return policy;
    }

    /** @throws RefusedException if a parameter is unknown, missing or of another type */
    static Map<String, Object> params(Policy policy, Optional<Yaml> written, Place place) throws RefusedException {
        Yaml given = written.orElseGet(() -> new Yaml.Mapping(new LinkedHashMap<>(), place));
        Map<String, Object> params = new TreeMap<>(policy.defaults());
        if (ValueReader.read(given, policy.params(), "params") instanceof Map<?, ?> read) {
            read.forEach((name, value) -> params.put(String.valueOf(name), value));
        }
        return Collections.unmodifiableMap(params);
    }

    public String hash() {
        return hash;
    }

    /** Ascending. */
    public List<String> policyNames() {
        return List.copyOf(policies.keySet());
    }

    /** Ascending. */
    public List<String> bindingNames() {
        return bindings.stream().map(each -> each.binding().name()).toList();
    }

    /** Policies that no binding puts in force, ascending: they decide nothing. */
    public List<String> unboundPolicies() {
        TreeSet<String> unbound = new TreeSet<>(policies.keySet());
        bindings.forEach(each -> unbound.remove(each.policy().name()));
        return List.copyOf(unbound);
    }

    /** Whether any binding speaks about such requests. */
    public boolean governs(RequestKind kind) {
        return !bound(kind).isEmpty();
    }

    List<Bound> bound(RequestKind kind) {
        return bound.getOrDefault(kind, List.of());
    }

    Map<String, Policy> policies() {
        return policies;
    }

    public Decision decide(GovernedRequest request) {
        List<Bound> speaking = bound(request.kind());
        if (speaking.isEmpty()) {
            return new Decision(request.kind(), hash, new Verdict.Allow(), List.of(), List.of(), List.of());
        }
        try {
            return decide(request.kind(), speaking, RequestValues.of(request));
        } catch (RequestValues.TooLargeException e) {
            Verdict.Finding finding =
                    new Verdict.Finding(LIMITS, LIMITS, LIMITS, false, String.valueOf(e.getMessage()), Map.of());
            return new Decision(
                    request.kind(), hash, new Verdict.Deny(List.of(finding)), List.of(), List.of(), List.of());
        }
    }

    private Decision decide(RequestKind kind, List<Bound> speaking, Map<String, Object> values) {
        List<Verdict.Finding> against = new ArrayList<>();
        List<Verdict.Finding> warnings = new ArrayList<>();
        List<Verdict.Finding> audited = new ArrayList<>();
        List<PolicyTrace> traces = new ArrayList<>();
        boolean denied = false;
        for (Bound each : speaking) {
            CheckedPolicy policy = each.checked().get(kind);
            if (policy == null) {
                throw new IllegalStateException("binding " + each.binding().name() + " was not checked for " + kind);
            }
            PolicyTrace trace = trace(each, policy, policy.situation(values, each.params()));
            traces.add(trace);
            List<Verdict.Finding> findings = findings(trace);
            PolicyBinding binding = each.binding();
            if (binding.actions().contains(PolicyBinding.Action.DENY)) {
                against.addAll(findings);
                denied |= findings.stream()
                        .anyMatch(finding -> finding.checked() || each.policy().failure() == Policy.FailurePolicy.FAIL);
            } else if (binding.actions().contains(PolicyBinding.Action.WARN)) {
                warnings.addAll(findings);
            }
            if (binding.actions().contains(PolicyBinding.Action.AUDIT)) {
                audited.addAll(findings);
            }
        }
        Verdict verdict = denied
                ? new Verdict.Deny(against)
                : against.isEmpty() ? new Verdict.Allow() : new Verdict.Inconclusive(against);
        return new Decision(kind, hash, verdict, warnings, audited, traces);
    }

    /** For each rule that does not hold: what would have to change. Costs more than a decision; it is for people. */
    public List<Change> changes(GovernedRequest request) {
        List<Change> changes = new ArrayList<>();
        try {
            Map<String, Object> values = RequestValues.of(request);
            for (Bound each : bound(request.kind())) {
                CheckedPolicy policy = each.checked().get(request.kind());
                if (policy != null) {
                    Situation situation = policy.situation(values, each.params());
                    policy.unmet(situation)
                            .forEach((rule, sentences) -> changes.add(new Change(
                                    each.binding().name(), each.policy().name(), rule, sentences)));
                }
            }
        } catch (RequestValues.TooLargeException e) {
            changes.add(new Change(LIMITS, LIMITS, LIMITS, List.of(String.valueOf(e.getMessage()))));
        }
        return changes;
    }

    private static PolicyTrace trace(Bound each, CheckedPolicy policy, Situation situation) {
        return new PolicyTrace(
                each.binding().name(),
                each.policy().name(),
                each.policy().title(),
                each.binding().helpsWith().stream()
                        .map(PolicyBinding.Clause::clause)
                        .toList(),
                policy.shownVariables(situation),
                policy.judge(situation),
                policy.annotations(situation));
    }

    private static List<Verdict.Finding> findings(PolicyTrace trace) {
        return switch (trace.outcome()) {
            case PolicyTrace.Outcome.DoesNotApply not -> List.of();
            case PolicyTrace.Outcome.Unknown unknown ->
                List.of(new Verdict.Finding(
                        trace.binding(),
                        trace.policy(),
                        unknown.condition(),
                        false,
                        "it is not known whether the policy applies: " + unknown.reason(),
                        Map.of()));
            case PolicyTrace.Outcome.Applied applied -> {
                List<Verdict.Finding> findings = new ArrayList<>();
                for (PolicyTrace.RuleTrace rule : applied.rules()) {
                    switch (rule.result()) {
                        case PolicyTrace.Result.Held held -> {}
                        case PolicyTrace.Result.Broken broken ->
                            findings.add(finding(trace, rule, true, broken.message()));
                        case PolicyTrace.Result.Unchecked unchecked ->
                            findings.add(finding(trace, rule, false, unchecked.reason()));
                    }
                }
                yield findings;
            }
        };
    }

    private static Verdict.Finding finding(
            PolicyTrace trace, PolicyTrace.RuleTrace rule, boolean checked, String message) {
        return new Verdict.Finding(trace.binding(), trace.policy(), rule.rule(), checked, message, rule.values());
    }
}
