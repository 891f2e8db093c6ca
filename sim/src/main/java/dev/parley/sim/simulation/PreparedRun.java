package dev.parley.sim.simulation;

import dev.parley.agent.egress.SiteRules;
import dev.parley.agent.participation.NoiseShare;
import dev.parley.agent.participation.SiteParticipant;
import dev.parley.learning.training.DpSgd;
import dev.parley.learning.training.Learner;
import dev.parley.learning.training.LearningConfiguration;
import dev.parley.learning.training.LocalPrivacy;
import dev.parley.policies.PolicySet;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RotationSeed;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.EvaluationRule;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.Task;
import dev.parley.rounds.UpdateRule;
import dev.parley.sim.scenario.FederatedSite;
import dev.parley.sim.scenario.Scenario;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.scenario.ScenarioRecords;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            LearningConfiguration learning = LearningConfiguration.of(
                    records.schema(), settings(scenario.learning(), records.unused(), scenario.rounds()));
            // A run repeats bit for bit, private or not: its noise can be foretold, and its report says so.
            Learner learner = learning.learner(InsecureNoiseSource::replaying);
            PreparedRun run = new PreparedRun(
                    scenario, records, learning, learning.toCanonicalJson(), learner, learner.initialise(seed), seed);
            ScenarioException.require(
                    scenario.rounds().siteLevel().isEmpty() || !(learning.privacy() instanceof DpSgd),
                    "scenario " + scenario.name()
                            + " asks for learning.privacy and federation.privacy.siteLevel, expected one of them: a report"
                            + " makes one claim");
            ScenarioException.require(
                    run.participants() >= 2 || run.alone(),
                    "scenario " + scenario.name() + " has " + run.participants()
                            + " site in a round, expected at least 2: "
                            + "the sum over one site would be that site's update. Bring records of more sites"
                            + (records.sites().size() > 1
                                    ? ", or raise federation.participants"
                                    : ", or train that site alone under learning.privacy"));
            return run;
        } catch (IllegalArgumentException e) {
            throw new ScenarioException("scenario " + scenario.name() + ": " + e.getMessage(), e);
        }
    }

    /**
     * What the learning configuration is read from. A run on some of the modalities has no use for the settings of the others,
     * and a target epsilon is for the rounds that the run has.
     */
    private static Map<String, Object> settings(
            Map<String, Object> learning, Set<String> unused, Scenario.Rounds rounds) {
        Map<String, Object> kept = new LinkedHashMap<>(learning);
        if (kept.get("privacy") instanceof Map<?, ?> privacy && !privacy.containsKey("rounds")) {
            Map<Object, Object> dated = new LinkedHashMap<>(privacy);
            dated.put("rounds", rounds.training());
            kept.put("privacy", dated);
        }
        if (kept.get("architecture") instanceof Map<?, ?> architecture) {
            Map<Object, Object> changed = new LinkedHashMap<>(architecture);
            for (String byModality : List.of("series", "lengths", "references")) {
                if (changed.get(byModality) instanceof Map<?, ?> settings) {
                    Map<Object, Object> used = new LinkedHashMap<>(settings);
                    used.keySet().removeIf(unused::contains);
                    changed.put(byModality, used);
                }
            }
            kept.put("architecture", changed);
        }
        return kept;
    }

    /**
     * Whether one site trains by itself: nothing is summed, so only what training itself protects is protected, and only
     * private training is allowed so.
     */
    public boolean alone() {
        return records.sites().size() == 1 && learning.privacy() instanceof DpSgd;
    }

    /** The same model and settings without privacy, for comparison. */
    Learner unprotected() {
        return learning.with(LocalPrivacy.NONE).learner();
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
        try {
            MaskingRule masking = masking();
            UpdateNoise noise = rounds.siteLevel()
                    .<UpdateNoise>map(asked -> asked.rule().noise(rounds.training(), cohort, masking))
                    .orElseGet(UpdateNoise.None::new);
            requireEqualWeights(noise);
            FederationSpec spec = new FederationSpec(
                    new FederationName(scenario.name()),
                    rounds.training(),
                    learner.needsStatistics(),
                    cohort,
                    TIMES,
                    new UpdateRule(
                            new ClipNorm(rounds.clipNorm()),
                            new ClipNorm(rounds.statisticsBound().orElseGet(this::largestStatistics)),
                            rounds.exampleCap().orElseGet(() -> largestWeight(noise)),
                            rounds.proximalMu(),
                            noise,
                            masking),
                    rounds.optimizer(),
                    new EvaluationRule(
                            rounds.evaluateEvery(), records.schema().classes().size()),
                    seed,
                    ContentHash.of(document),
                    new ContentHash(PolicySet.empty().hash()),
                    ATTEMPTS);
            requireTarget(spec);
            return spec;
        } catch (IllegalArgumentException e) {
            throw new ScenarioException("scenario " + scenario.name() + ": " + e.getMessage(), e);
        }
    }

    private MaskingRule masking() {
        Scenario.Rounds rounds = scenario.rounds();
        return new MaskingRule(new RingModulus(rounds.bits()), colluding(), rounds.robust());
    }

    private void requireEqualWeights(UpdateNoise noise) {
        Optional<Integer> cap = scenario.rounds().exampleCap();
        if (!(noise instanceof UpdateNoise.None) && cap.isPresent() && cap.get() != 1) {
            throw new IllegalArgumentException("federation.exampleCap is " + cap.get()
                    + ", under privacy.siteLevel every site weighs 1: leave it out");
        }
    }

    /** Examples that count for one site: those of the largest, where sites do not weigh the same for privacy's sake. */
    private int largestWeight(UpdateNoise noise) {
        if (!(noise instanceof UpdateNoise.None)) {
            return 1;
        }
        return learning.privacy() instanceof DpSgd dpSgd
                // What a private site counts for, whatever it has: the plan must not tell either.
                ? Math.toIntExact(Math.min(1_000_000_000, dpSgd.nominalUnits()))
                : records.sites().stream()
                        .mapToInt(site -> site.training().records().size())
                        .max()
                        .orElse(1);
    }

    /** Refuses to begin what could only end above its target. */
    private void requireTarget(FederationSpec spec) throws ScenarioException {
        Optional<SiteLevelClaim> claim = siteLevelClaim(spec);
        ScenarioException.require(
                claim.isEmpty() || claim.get().keeps(scenario.rounds().training()),
                "scenario " + scenario.name() + ": on a ring of "
                        + scenario.rounds().bits()
                        + " bits the noise has too few steps to keep the target epsilon;"
                        + " raise federation.secureAggregation.bits");
    }

    /** What each round's sum releases where noise hides whole sites; empty without. */
    Optional<SiteLevelClaim> siteLevelClaim(FederationSpec spec) {
        int members = spec.cohort().maximum();
        return scenario.rounds()
                .siteLevel()
                .flatMap(asked -> spec.update()
                        .masking()
                        .of(new Task.Train(0, scenario.rounds().training()), members)
                        .encoding(
                                learner.layout().size(),
                                spec.update().clipNorm(),
                                spec.update().noise(),
                                members,
                                RotationSeed.ofRound(scenario.name(), seed, 0, 0))
                        .release()
                        .map(sum -> new SiteLevelClaim(sum, spec.update().clipNorm(), asked)));
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

    /** The site's side of every round of a simulation; its rules allow what this run is, and nothing else. */
    SiteParticipant participant(FederatedSite site, FederationSpec spec) {
        SiteRules rules = new SiteRules(
                false,
                Set.of(scenario.name()),
                Set.of(scenario.purpose()),
                SimulatedFederation.floors(spec),
                Integer.MAX_VALUE,
                true,
                ANY_NOISE,
                Optional.empty(),
                Set.of(ContentHash.of(document)));
        return new SiteParticipant(
                site.name().value(),
                learner,
                ContentHash.of(document),
                site.training(),
                site.heldOut(),
                rules,
                // As with private training: a run repeats bit for bit, its report says what that means.
                new NoiseShare(InsecureNoiseSource::replaying, Optional.empty()));
    }

    /** Optimiser steps of one round of the federation over so many records. */
    long stepsPerRound(int examples) {
        return learning.privacy() instanceof DpSgd dpSgd ? dpSgd.stepsPerRound() : unprotectedSteps(examples);
    }

    /** The same of what the federation is compared with. */
    long unprotectedSteps(int examples) {
        long batches = (examples + learning.batchSize() - 1L) / learning.batchSize();
        return batches * learning.localEpochs();
    }

    @Override
    public String toString() {
        return "PreparedRun[" + scenario.name() + ", " + records.sites().size() + " sites, seed " + seed + "]";
    }
}
