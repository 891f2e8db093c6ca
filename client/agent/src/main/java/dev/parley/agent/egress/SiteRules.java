package dev.parley.agent.egress;

import dev.parley.learning.training.DpSgd;
import dev.parley.learning.training.LocalPrivacy;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the owner of a site allows. A rule that is not given takes the careful value.
 *
 * @param paused nothing leaves while it is set
 * @param federations the federations that may use this site
 * @param purposes the uses of records that the owner permits at all; a subject's consent comes on top
 * @param floors what every sum must keep: how many sites, how many of them left at its end, how many may collude, and who
 * @param maximumRounds rounds of a federation in which the site takes part at most, the statistics round included
 * @param allowUnnoised whether anything may leave without differential privacy's noise
 * @param minimumNoise the least multiplier of the noise in a sum, where a plan declares noise
 * @param budget the most that private training may tell of one unit; empty for no private training unless unnoised is allowed
 * @param learningDocuments the only learning configurations that may be trained; empty for any that this agent understands
 */
public record SiteRules(
        boolean paused,
        Set<String> federations,
        Set<String> purposes,
        SiteFloors floors,
        int maximumRounds,
        boolean allowUnnoised,
        NoiseMultiplier minimumNoise,
        Optional<Budget> budget,
        Set<ContentHash> learningDocuments) {
    /** Fewest sites of a careful owner: with two, each could subtract its own update and read the other's. */
    public static final int CAREFUL_COHORT = 3;

    /** Members that a careful owner expects to work together with the coordinator. */
    public static final int CAREFUL_COLLUDING = 1;

    /** Most rounds of a careful owner; every round lets a little more be inferred. */
    public static final int CAREFUL_ROUNDS = 1000;

    /** Of a careful owner: at 1, one round tells of a site's update as much as epsilon 4.4 at delta 1e-5 says. */
    public static final NoiseMultiplier CAREFUL_NOISE = new NoiseMultiplier(1);

    public SiteRules {
        federations = Set.copyOf(federations);
        purposes = Set.copyOf(purposes);
        learningDocuments = Set.copyOf(learningDocuments);
        if (maximumRounds < 0) {
            throw new IllegalArgumentException("maximum-rounds is at least 0, got " + maximumRounds);
        }
    }

    /** The careful rules for one federation and one purpose: nothing without noise. */
    public static SiteRules careful(String federation, String purpose) {
        return new SiteRules(
                false,
                Set.of(federation),
                Set.of(purpose),
                new SiteFloors(CAREFUL_COHORT, CAREFUL_COHORT, CAREFUL_COLLUDING, Map.of()),
                CAREFUL_ROUNDS,
                false,
                CAREFUL_NOISE,
                Optional.empty(),
                Set.of());
    }

    /** Whether {@code site} may take part; the first rule that speaks against it decides. */
    public Verdict judge(String site, String purpose, ProposedUse use) {
        return standing(use.federation(), purpose)
                .or(() -> cohort(site, use.cohort()))
                .or(() -> protection(use))
                .or(() -> extent(use))
                .<Verdict>map(refused -> refused)
                .orElseGet(Verdict.Allowed::new);
    }

    /**
     * Whether what training would send tells as little of a record as the owner asks, once the learning document is known.
     *
     * @param noise that the plan adds
     * @param training what the learning document promises
     */
    public Verdict judgeProtection(UpdateNoise noise, LocalPrivacy training) {
        return switch (noise) {
            case UpdateNoise.None none -> allowUnnoised ? new Verdict.Allowed() : judgeTraining(training);
            // The noise itself was judged with the plan, and the site's ledger says whether a budget can pay for the
            // sum.
            case UpdateNoise.DistributedGaussian gaussian -> new Verdict.Allowed();
        };
    }

    private Verdict judgeTraining(LocalPrivacy training) {
        return switch (training) {
            case LocalPrivacy.None none -> unnoised();
            case DpSgd dpSgd ->
                budget.isPresent()
                        ? new Verdict.Allowed()
                        : new Verdict.Refused(
                                "budget",
                                "training is private, but this site's owner has set no budget that it could be paid from:"
                                        + " 'budget: {unit: record, epsilon: 8, delta: 1e-5}' in the rules would be one");
        };
    }

    /** Whether numbers over this site's records may leave under masks alone: statistics and evaluation counts. */
    public Verdict judgeUnnoised() {
        return allowUnnoised ? new Verdict.Allowed() : unnoised();
    }

    private static Verdict.Refused unnoised() {
        return new Verdict.Refused(
                "allow-unnoised", "there is no noise in what would leave, so it promises no differential privacy");
    }

    /** Whether a released model may be scored on this site's held-out records and the counts be sent. */
    public Verdict judgeEvaluation(String federation, String purpose) {
        return standing(federation, purpose).<Verdict>map(refused -> refused).orElseGet(this::judgeUnnoised);
    }

    private Optional<Verdict.Refused> standing(String federation, String purpose) {
        if (paused) {
            return refuse("paused", "the site's owner has paused this agent");
        }
        if (!federations.contains(federation)) {
            return refuse("federations", "'" + shown(federation) + "' is not among " + new TreeSet<>(federations));
        }
        if (!purposes.contains(purpose)) {
            return refuse("purposes", "'" + shown(purpose) + "' is not among " + new TreeSet<>(purposes));
        }
        return Optional.empty();
    }

    private Optional<Verdict.Refused> cohort(String site, List<String> cohort) {
        Set<String> distinct = new HashSet<>(cohort);
        if (distinct.size() != cohort.size()) {
            return refuse("cohort", "the plan lists a site more than once");
        }
        if (!distinct.contains(site)) {
            return refuse("cohort", "the plan does not list this site");
        }
        if (cohort.size() < floors.minimumCohort()) {
            return refuse(
                    "minimum-cohort",
                    "the plan adds up " + cohort.size() + " sites, this site asks for at least "
                            + floors.minimumCohort());
        }
        return Optional.empty();
    }

    private Optional<Verdict.Refused> protection(ProposedUse use) {
        return switch (use.noise()) {
            // Training may be private by itself, which the learning document says, and be paid for.
            case UpdateNoise.None none ->
                allowUnnoised || budget.isPresent()
                        ? Optional.empty()
                        : refuse(
                                "allow-unnoised",
                                "the plan adds no noise, and this site has no budget from which private training could be"
                                        + " paid");
            case UpdateNoise.DistributedGaussian gaussian -> noise(gaussian);
        };
    }

    private Optional<Verdict.Refused> noise(UpdateNoise.DistributedGaussian noise) {
        if (noise.shares() > floors.honestSurvivors()) {
            return refuse(
                    "minimum-survivors",
                    "the plan's noise is whole with the shares of " + noise.shares()
                            + " honest sites, this site counts on " + floors.honestSurvivors()
                            + " (minimum-survivors less colluding)");
        }
        if (noise.multiplier().compareTo(minimumNoise) < 0) {
            return refuse(
                    "minimum-noise",
                    "the plan's noise has a multiplier of " + noise.multiplier().value()
                            + ", this site asks for at least " + minimumNoise.value());
        }
        return Optional.empty();
    }

    private Optional<Verdict.Refused> extent(ProposedUse use) {
        if (use.round() >= maximumRounds) {
            return refuse(
                    "maximum-rounds",
                    "this would be round number " + (use.round() + 1L) + ", this site takes part in " + maximumRounds);
        }
        if (!learningDocuments.isEmpty() && !learningDocuments.contains(use.learning())) {
            return refuse(
                    "learning-documents",
                    "document " + use.learning().abbreviated() + "... is not one that the owner has read");
        }
        return Optional.empty();
    }

    private static Optional<Verdict.Refused> refuse(String rule, String reason) {
        return Optional.of(new Verdict.Refused(rule, reason));
    }

    /** Names from a plan come from outside: bounded, and without control characters. */
    private static String shown(String name) {
        String line = name.replaceAll("\\p{Cntrl}", " ");
        return line.length() > 63 ? line.substring(0, 63) + "..." : line;
    }

    /** These rules in sentences for the site's owner. */
    public List<String> inPlainWords() {
        List<String> sentences = new ArrayList<>();
        if (paused) {
            sentences.add("The agent is paused: it refuses every round until 'paused' is false.");
        }
        sentences.add("Only the federations " + new TreeSet<>(federations) + " may use this site, for the purposes "
                + new TreeSet<>(purposes) + ".");
        sentences.add("A round must begin with at least " + floors.minimumCohort()
                + " sites, this one included, and add up the updates of at least " + floors.minimumSurvivors()
                + (floors.minimumSurvivors() < CAREFUL_COHORT
                        ? " (fewer than " + CAREFUL_COHORT + " protects little)."
                        : "."));
        sentences.add("The coordinator sees only the sum of the sites' updates and evaluations, never this site's own. "
                + (floors.colluding() == 0
                        ? "A member that works together with the coordinator could undo that (colluding is 0)."
                        : "That holds even if " + floors.colluding()
                                + " other members work together with the coordinator."));
        sentences.add(
                floors.allowed().contains(Allowance.GROUPS)
                        ? "Groups of the sites MAY be added up one by one, so that this site hides among fewer (allow-groups is true)."
                        : "A sum over a group of the sites is refused (allow-groups is false).");
        sentences.add(
                floors.trustedIdentities().isEmpty()
                        ? "Any site that the coordinator has enrolled may be a member; the first identity that is seen under a "
                                + "name is remembered, and no other is accepted for it."
                        : "Only these sites may be members, with the identities that are listed: "
                                + new TreeSet<>(floors.trustedIdentities().keySet()) + ".");
        sentences.add("It takes part in rounds 1 to " + maximumRounds + " of a federation.");
        sentences.add(
                allowUnnoised
                        ? "Updates, statistics and scores MAY leave without noise, so without differential privacy"
                                + " (allow-unnoised is true)."
                        : "Only what carries noise may leave: plans without it, statistics rounds and evaluations are"
                                + " refused.");
        sentences.add(budget.map(most -> "Private training, and sums under noise, may tell at most " + most
                        + " over all rounds; every round is paid for before it is trained, and refused when the budget is"
                        + " spent.")
                .orElse("There is no budget: private training is refused unless noise is not asked for at all."));
        sentences.add("Where sites add noise together, it must be whole with the shares of " + floors.honestSurvivors()
                + " honest sites, and its multiplier at least " + minimumNoise.value() + ".");
        sentences.add(
                learningDocuments.isEmpty()
                        ? "Any learning document that this agent understands may be trained."
                        : "Only " + learningDocuments.size() + " learning document(s) that the owner has read may be "
                                + "trained.");
        return List.copyOf(sentences);
    }
}
