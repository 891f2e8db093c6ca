package dev.parley.sim.bench;

import dev.parley.policies.PolicySet;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.request.Description.Approval;
import dev.parley.policies.request.Description.GroupScores;
import dev.parley.policies.request.Description.Interval;
import dev.parley.policies.request.Description.Party;
import dev.parley.policies.request.Description.Scores;
import dev.parley.policies.request.GovernedRequest;
import dev.parley.policies.rule.PolicyEngine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The time of one decision about a promotion under many policies, each with three rules, a variable, a condition and a loop
 * within a loop over ten groups; against one such policy in the same run. On one thread, from the request's record to the
 * verdict with its trace.
 */
final class PolicyBenchmark {
    private static final int MOST = 450;
    private static final int REPETITIONS = 200;
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private static final String POLICY = """
            apiVersion: policies.parley.dev/v1
            kind: Policy
            metadata: {name: gate-%1$d}
            spec:
              match: {requests: [promote]}
              paramKind: {margin: {type: double, default: 0.0%1$d}}
              matchConditions:
                - {name: released, expression: request.toStage == 'released'}
              variables:
                - {name: judged, expression: 'request.groups.filter(g, g.records >= 100)'}
              validations:
                - name: calibrated
                  expression: request.candidate.ece.upper <= 0.05
                  message: not calibrated
                - name: not-worse
                  expression: request.candidate.auroc.lower >= request.champion.auroc.value - params.margin - 1.0
                  message: worse
                - name: fair
                  expression: variables.judged.all(g, variables.judged.all(h, g.auroc.value - h.auroc.value <= 0.5))
                  message: unfair
            ---
            apiVersion: policies.parley.dev/v1
            kind: PolicyBinding
            metadata: {name: gate-%1$d}
            spec: {policyName: gate-%1$d, validationActions: [Deny]}
            """;

    private final int policies;

    PolicyBenchmark(int policies) {
        if (policies < 1 || policies > MOST) {
            throw new IllegalArgumentException("1 to " + MOST + " policies, got " + policies);
        }
        this.policies = policies;
    }

    /**
     * @param loadMillis reading and type-checking the set, the first time in this process
     * @param medianMillis of a decision
     * @param p99Millis of a decision
     * @param oneMillis median of a decision under one policy
     * @param maxMillis the goal for the median
     */
    record Result(
            int policies,
            int decisions,
            double loadMillis,
            double medianMillis,
            double p99Millis,
            double oneMillis,
            double maxMillis) {
        String table() {
            return String.format(
                    Locale.ROOT, """
                    %d policies with 3 rules each, %d decisions, one thread
                      load and type-check   %10.1f ms
                      decision, median      %10.3f ms   goal %.1f
                      decision, 99 %%        %10.3f ms
                      under one policy      %10.3f ms""", policies, decisions, loadMillis, medianMillis, maxMillis, p99Millis, oneMillis);
        }
    }

    Result run() {
        long started = System.nanoTime();
        PolicyEngine many = engine(policies);
        double load = (System.nanoTime() - started) * 1e-6;
        PolicyEngine one = engine(1);
        double[] times = times(many);
        double[] single = times(one);
        return new Result(
                policies,
                REPETITIONS,
                load,
                times[REPETITIONS / 2],
                times[REPETITIONS * 99 / 100],
                single[REPETITIONS / 2],
                5);
    }

    /** Ascending, in milliseconds; as many before them are not counted. */
    private static double[] times(PolicyEngine engine) {
        GovernedRequest request = request();
        double[] times = new double[REPETITIONS];
        for (int i = -REPETITIONS; i < REPETITIONS; i++) {
            long started = System.nanoTime();
            String verdict = engine.decide(request).verdict().word();
            long ended = System.nanoTime();
            if (!verdict.equals("Allow")) {
                throw new IllegalStateException("every rule is evaluated and holds, got " + verdict);
            }
            if (i >= 0) {
                times[i] = (ended - started) * 1e-6;
            }
        }
        Arrays.sort(times);
        return times;
    }

    private static PolicyEngine engine(int policies) {
        Map<String, byte[]> documents = new TreeMap<>();
        for (int i = 0; i < policies; i++) {
            documents.put("gate-" + i + ".yaml", POLICY.formatted(i).getBytes(StandardCharsets.UTF_8));
        }
        try {
            return PolicyEngine.load(PolicySet.of(documents));
        } catch (RefusedException e) {
            throw new IllegalStateException("the benchmark's own policies are well-typed", e);
        }
    }

    private static GovernedRequest request() {
        List<GroupScores> groups = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            groups.add(
                    new GroupScores("age", "g" + i, 200, Optional.of(new Interval(0.8, 0.78, 0.82)), Optional.of(0.1)));
        }
        Scores scores = new Scores(
                4000, Optional.of(new Interval(0.8, 0.78, 0.82)), Optional.of(new Interval(0.02, 0.01, 0.03)));
        return new GovernedRequest.Promote(
                "sepsis",
                NOW,
                Optional.of("research"),
                Optional.of("DE"),
                "00".repeat(32),
                new Party("ines", "north"),
                GovernedRequest.Stage.CANARY,
                GovernedRequest.Stage.RELEASED,
                List.of(new Approval(new Party("omar", "south"), NOW.minus(Duration.ofDays(1)))),
                Optional.of(scores),
                Optional.of(scores),
                Optional.empty(),
                Optional.of(groups),
                Optional.of(100_000L),
                Optional.of(12L),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
