package dev.parley.sim.simulation;

import dev.parley.agent.egress.SiteRules;
import dev.parley.agent.participation.SiteParticipant;
import dev.parley.learning.training.Learner;
import dev.parley.learning.training.LearningConfiguration;
import dev.parley.policies.PolicySet;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.EvaluationRule;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.UpdateRule;
import dev.parley.sim.scenario.FederatedSite;
import dev.parley.sim.scenario.Scenario;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.scenario.ScenarioRecords;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A scenario with its records, model and rounds: what the simulator and real processes have in common. Equal arguments
 * give the same federation, bit for bit.
 *
 * @param document the learning configuration as sites get it
 * @param initial the model that the first round starts from
 */
public record PreparedRun(
        Scenario scenario,
        ScenarioRecords records,
        LearningConfiguration learning,
        byte[] document,
        Learner learner,
        ParameterVector initial,
        long seed) {
    /** A run's sites take the noise that its scenario declares. */
    private static final NoiseMultiplier ANY_NOISE = new NoiseMultiplier(Double.MIN_VALUE);

    private static final RoundTimes TIMES = new RoundTimes(
            Duration.ofMinutes(5),
            Duration.ofSeconds(30),
            Duration.ofHours(2),
            Duration.ofSeconds(30),
            Duration.ofMinutes(30));
    private static final int ATTEMPTS = 3;

    /** Binds the scenario's learning settings to the schema of its records. */
    public static PreparedRun of(Scenario scenario, ScenarioRecords records, long seed) throws ScenarioException {
        try {
            LearningConfiguration learning =
                    LearningConfiguration.of(records.schema(), withoutUnused(scenario.learning(), records.unused()));
            Learner learner = learning.learner();
            PreparedRun run = new PreparedRun(
                    scenario, records, learning, learning.toCanonicalJson(), learner, learner.initialise(seed), seed);
            ScenarioException.require(
                    run.participants() >= 2,
                    "scenario " + scenario.name() + " has " + run.participants()
                            + " site in a round, expected at least 2: "
                            + "the sum over one site would be that site's update. Bring records of more sites"
                            + (records.sites().size() > 1 ? ", or raise federation.participants" : ""));
            return run;
        } catch (IllegalArgumentException e) {
            throw new ScenarioException("scenario " + scenario.name() + ": " + e.getMessage(), e);
        }
    }

    /** A run on some of the modalities has no use for the settings of the others. */
    private static Map<String, Object> withoutUnused(Map<String, Object> learning, Set<String> unused) {
        Map<String, Object> kept = new LinkedHashMap<>(learning);
        if (kept.get("architecture") instanceof Map<?, ?> architecture
                && architecture.get("series") instanceof Map<?, ?> series) {
            Map<Object, Object> used = new LinkedHashMap<>(series);
            used.keySet().removeIf(unused::contains);
            Map<Object, Object> changed = new LinkedHashMap<>(architecture);
            changed.put("series", used);
            kept.put("architecture", changed);
        }
        return kept;
    }

    /** Sites in one round. */
    public int participants() {
        int sites = records.sites().size();
        return Math.min(sites, scenario.rounds().participants().orElse(sites));
    }

    /**
     * @param cohort decides which rounds release, not what is in them
     * @throws ScenarioException if the settings do not go together, such as a clip norm that the encoding cannot hold
     */
    public FederationSpec spec(CohortRule cohort) throws ScenarioException {
        Scenario.Rounds rounds = scenario.rounds();
        int largest = records.sites().stream()
                .mapToInt(site -> site.training().records().size())
                .max()
                .orElse(1);
        try {
            return new FederationSpec(
                    new FederationName(scenario.name()),
                    rounds.training(),
                    learner.needsStatistics(),
                    cohort,
                    TIMES,
                    new UpdateRule(
                            new ClipNorm(rounds.clipNorm()),
                            new ClipNorm(rounds.statisticsBound().orElseGet(this::largestStatistics)),
                            rounds.exampleCap().orElse(largest),
                            rounds.proximalMu(),
                            new UpdateNoise.None(),
                            new MaskingRule(new RingModulus(rounds.bits()), colluding(), rounds.robust())),
                    rounds.optimizer(),
                    new EvaluationRule(
                            rounds.evaluateEvery(), records.schema().classes().size()),
                    seed,
                    ContentHash.of(document),
                    new ContentHash(PolicySet.empty().hash()),
                    ATTEMPTS);
        } catch (IllegalArgumentException e) {
            throw new ScenarioException("scenario " + scenario.name() + ": " + e.getMessage(), e);
        }
    }

    /** Sites that may work together with the coordinator: as the scenario says, else 1 where that leaves enough others. */
    int colluding() {
        Scenario.Rounds rounds = scenario.rounds();
        return rounds.colluding().orElse(participants() < 5 || rounds.robust() instanceof RobustRule.Groups ? 0 : 1);
    }

    /**
     * The norm that no site's moments exceed: each lies in [-1, 1], the scale of harmonised values. A looser bound would cost
     * precision, and whitening divides by the small eigenvalues of what is left of it.
     */
    private double largestStatistics() {
        long moments = learner.layout().blocks().stream()
                .filter(block -> block.name().startsWith("statistics."))
                .mapToLong(Block::size)
                .sum();
        return Math.sqrt(Math.max(1, moments));
    }

    /** The site's side of every round; its rules allow what this run is, and nothing else. */
    public SiteParticipant participant(FederatedSite site) {
        SiteRules rules = new SiteRules(
                false,
                Set.of(scenario.name()),
                Set.of(scenario.purpose()),
                new SiteFloors(2, 2, 0, Map.of(), EnumSet.allOf(Allowance.class)),
                Integer.MAX_VALUE,
                true,
                ANY_NOISE,
                Set.of(ContentHash.of(document)));
        return new SiteParticipant(
                site.name().value(), learner, ContentHash.of(document), site.training(), site.heldOut(), rules);
    }

    /** Optimiser steps of one round over so many records. */
    long stepsPerRound(int examples) {
        long batches = (examples + learning.batchSize() - 1L) / learning.batchSize();
        return batches * learning.localEpochs();
    }

    @Override
    public String toString() {
        return "PreparedRun[" + scenario.name() + ", " + records.sites().size() + " sites, seed " + seed + "]";
    }
}
