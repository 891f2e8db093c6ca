package dev.parley.server.console.view;

import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.UpdateRule;
import dev.parley.server.configuration.FederationConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A federation's settings as sentences that a person can judge. */
final class FederationFacts {
    private FederationFacts() {}

    static List<Fact> of(FederationConfiguration federation) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact(
                "Plan",
                "Training rounds",
                Integer.toString(federation.trainingRounds()),
                "How many versions are to be released."));
        facts.add(new Fact(
                "Plan",
                "Statistics round",
                federation.agreeStatistics() ? "yes, as round 0" : "no",
                "A first round in which sites agree on how to normalise measurements."));
        facts.add(new Fact(
                "Plan",
                "Attempts",
                Integer.toString(federation.attempts()),
                "How often one round is tried before the federation fails."));
        facts.add(new Fact(
                "Plan", "Server optimiser", optimizer(federation.optimizer()), "How a mean update changes the model."));
        facts.add(new Fact(
                "Plan",
                "Evaluation",
                federation.update().noise() instanceof UpdateNoise.None
                        ? "every " + federation.evaluation().every() + " rounds, "
                                + federation.evaluation().classes() + " classes"
                        : "none: scores would carry no noise",
                "Sites score a released version on records that were held out."));
        facts.add(new Fact(
                "Cohort",
                "Members",
                federation.sites().isEmpty()
                        ? "every enrolled site"
                        : federation.sites().size() + " named sites",
                "Who may take part."));
        cohort(facts, federation.cohort());
        times(facts, federation.times());
        facts.addAll(protections(federation));
        return facts;
    }

    private static void cohort(List<Fact> facts, CohortRule rule) {
        facts.add(new Fact(
                "Cohort", "To begin", rule.starting() + " sites", "Sites that must be attached before round 0."));
        facts.add(new Fact(
                "Cohort",
                "In a round",
                rule.minimum() + " to " + rule.maximum() + " sites",
                "Sites that must accept before a round collects, and most that are invited."));
        facts.add(new Fact(
                "Cohort",
                "Quorum",
                rule.quorum() + " updates",
                "With fewer a round is abandoned and the model stays."));
    }

    private static void times(List<Fact> facts, RoundTimes times) {
        facts.add(new Fact(
                "Times",
                "Invitation, collecting",
                written(times.invitation()) + ", " + written(times.collecting()),
                "How long sites have to answer, and to hand in their update."));
        facts.add(new Fact(
                "Times",
                "Recovering, evaluating",
                written(times.recovering()) + ", " + written(times.evaluating()),
                "How long survivors have to take the masks off, and to score a version."));
    }

    static List<Fact> protections(FederationConfiguration federation) {
        UpdateRule update = federation.update();
        MaskingRule masking = update.masking();
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact(
                "Protection",
                "Secure aggregation",
                "on, " + masking.modulus().bits() + " bits a value",
                "Updates are masked; the coordinator learns their sum and no single one."));
        facts.add(new Fact(
                "Protection",
                "Colluding sites",
                "up to " + masking.colluding(),
                "So many sites may side with the coordinator without learning another site's update."));
        facts.add(new Fact(
                "Protection",
                "Robust combination",
                robust(masking.robust()),
                "Sums of groups are compared, so that one site's update cannot pull the model anywhere."));
        facts.add(new Fact(
                "Protection",
                "Clip norm",
                Double.toString(update.clipNorm().value()),
                "Bound on the length of every update before it leaves a site."));
        facts.add(new Fact(
                "Protection",
                "Example cap",
                Long.toString(update.exampleCap()),
                "So many examples count for one site at most."));
        facts.add(noise(update.noise()));
        return facts;
    }

    private static Fact noise(UpdateNoise noise) {
        return switch (noise) {
            case UpdateNoise.None none ->
                new Fact(
                        "Protection",
                        "Noise added to updates",
                        "none by this plan",
                        "Sites may train privately by the learning document; the coordinator does not read that document.");
            case UpdateNoise.DistributedGaussian gaussian ->
                new Fact(
                        "Protection",
                        "Noise added to updates",
                        "multiplier " + gaussian.multiplier().value() + ", whole with the shares of "
                                + gaussian.shares() + " honest sites",
                        "Each site adds its share before the mask; together they hide what one site contributed.");
        };
    }

    private static String robust(RobustRule rule) {
        return switch (rule) {
            case RobustRule.None none -> "off: one sum over all";
            case RobustRule.Groups groups -> groups.combination().word() + " of " + groups.count() + " groups";
        };
    }

    private static String optimizer(ServerOptimizer optimizer) {
        return switch (optimizer) {
            case ServerOptimizer.FedAvg avg -> "FedAvg, rate " + avg.learningRate() + ", momentum " + avg.momentum();
            case ServerOptimizer.FedAdam adam -> "FedAdam, rate " + adam.learningRate();
        };
    }

    private static String written(Duration duration) {
        if (duration.toMillis() % 1000 != 0) {
            return duration.toMillis() + " ms";
        }
        if (duration.toSeconds() < 120 || duration.toSeconds() % 60 != 0) {
            return duration.toSeconds() + " s";
        }
        return duration.toMinutes() < 120 || duration.toMinutes() % 60 != 0
                ? duration.toMinutes() + " min"
                : duration.toHours() + " h";
    }
}
