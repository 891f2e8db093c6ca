package dev.parley.server.journal;

import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.UpdateRule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a federation was begun with, by the keys of its configuration. A journal makes sense only with the settings under which it
 * was written: others would replay it into another state.
 */
public record PinnedSettings(SortedMap<String, String> values) {
    private static final String ABSENT = "(not set)";

    public PinnedSettings {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** @param modelHash the initial model's */
    public static PinnedSettings of(FederationSpec spec, ContentHash layoutHash, ContentHash modelHash) {
        SortedMap<String, String> values = new TreeMap<>();
        values.put("federation.name", spec.name().value());
        values.put("federation.rounds", Integer.toString(spec.trainingRounds()));
        values.put("federation.agree-statistics", Boolean.toString(spec.agreeStatistics()));
        values.put("federation.seed", Long.toString(spec.seed()));
        values.put("federation.attempts", Integer.toString(spec.maxAttempts()));
        values.put("federation.cohort.starting", Integer.toString(spec.cohort().starting()));
        values.put("federation.cohort.minimum", Integer.toString(spec.cohort().minimum()));
        values.put("federation.cohort.maximum", Integer.toString(spec.cohort().maximum()));
        values.put("federation.cohort.quorum", Integer.toString(spec.cohort().quorum()));
        put(values, spec.times());
        put(values, spec.update());
        put(values, spec.optimizer());
        values.put(
                "federation.evaluation.every",
                Integer.toString(spec.evaluation().every()));
        values.put(
                "federation.evaluation.classes",
                Integer.toString(spec.evaluation().classes()));
        values.put("learning", spec.learningHash().hex());
        values.put("policies", spec.policyHash().hex());
        values.put("model", modelHash.hex());
        values.put("model's layout", layoutHash.hex());
        return new PinnedSettings(values);
    }

    private static void put(SortedMap<String, String> values, RoundTimes times) {
        values.put("federation.times.gathering", times.gathering().toString());
        values.put("federation.times.invitation", times.invitation().toString());
        values.put("federation.times.collecting", times.collecting().toString());
        values.put("federation.times.recovering", times.recovering().toString());
        values.put("federation.times.evaluating", times.evaluating().toString());
    }

    private static void put(SortedMap<String, String> values, UpdateRule update) {
        values.put(
                "federation.update.clip-norm", Double.toString(update.clipNorm().value()));
        values.put(
                "federation.update.statistics-bound",
                Double.toString(update.statisticsBound().value()));
        values.put("federation.update.example-cap", Long.toString(update.exampleCap()));
        values.put("federation.update.proximal-mu", Double.toString(update.proximalMu()));
        values.put(
                "federation.update.noise",
                switch (update.noise()) {
                    case UpdateNoise.None none -> "none";
                    case UpdateNoise.DistributedGaussian gaussian ->
                        "distributed-gaussian " + gaussian.multiplier().value() + " of " + gaussian.shares();
                });
        MaskingRule masking = update.masking();
        RingModulus modulus = masking.modulus();
        values.put("federation.update.secure-aggregation.bits", Integer.toString(modulus.bits()));
        values.put("federation.update.secure-aggregation.colluding", Integer.toString(masking.colluding()));
        values.put(
                "federation.update.secure-aggregation.robust",
                switch (masking.robust()) {
                    case RobustRule.None none -> "none";
                    case RobustRule.Groups groups ->
                        switch (groups.combination()) {
                            case RobustRule.Combination.Median median -> "median of " + groups.count();
                            case RobustRule.Combination.TrimmedMean mean ->
                                "trimmed-mean without " + mean.trim() + " of " + groups.count();
                            case RobustRule.Combination.Krum krum ->
                                "krum with " + krum.malformed() + " of " + groups.count();
                        };
                });
    }

    private static void put(SortedMap<String, String> values, ServerOptimizer optimizer) {
        values.put(
                "federation.server-optimizer",
                switch (optimizer) {
                    case ServerOptimizer.FedAvg average ->
                        "fedavg, learning-rate " + average.learningRate() + ", momentum " + average.momentum();
                    case ServerOptimizer.FedAdam adam ->
                        "fedadam, learning-rate " + adam.learningRate() + ", beta1 " + adam.beta1() + ", beta2 "
                                + adam.beta2() + ", epsilon " + adam.epsilon();
                });
    }

    /** One clause for each setting that is another one now, such as {@code federation.rounds was 5, is 7}. */
    public List<String> differences(PinnedSettings now) {
        SortedSet<String> names = new TreeSet<>(values.keySet());
        names.addAll(now.values.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String then = values.getOrDefault(name, ABSENT);
            String is = now.values.getOrDefault(name, ABSENT);
            if (!then.equals(is)) {
                differences.add(name + " was " + then + ", is " + is);
            }
        }
        return differences;
    }
}
