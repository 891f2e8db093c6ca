package dev.parley.server.configuration;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.EvaluationRule;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.SiteLevelRule;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.UpdateRule;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is learned together, by whom and under which rules; together with the hashes of the documents in force, a
 * {@link FederationSpec}.
 *
 * @param sites who may take part; empty for every enrolled site
 */
public record FederationConfiguration(
        FederationName name,
        List<SiteName> sites,
        int trainingRounds,
        boolean agreeStatistics,
        CohortRule cohort,
        RoundTimes times,
        UpdateRule update,
        ServerOptimizer optimizer,
        EvaluationRule evaluation,
        long seed,
        int attempts) {
    /**
     * Most sites in one round. Everyone agrees on a secret with everyone, in messages that carry 1.1 kB for each peer; these
     * fit the smallest largest message that {@link dev.parley.server.gateway.GatewayLimits} allows.
     */
    private static final int MOST_IN_A_ROUND = 400;

    /** What the rounds are run by. */
    public FederationSpec specification(ContentHash learning, ContentHash policy) {
        return new FederationSpec(
                name,
                trainingRounds,
                agreeStatistics,
                cohort,
                times,
                update,
                optimizer,
                evaluation,
                seed,
                learning,
                policy,
                attempts);
    }

    static FederationConfiguration read(YamlSection section) throws ConfigurationException {
        int rounds = (int) section.integer("rounds", null, 1, 100_000);
        CohortRule cohort = cohort(section, section.section("cohort"));
        UpdateRule update = update(section.section("update"), rounds, cohort);
        FederationConfiguration configuration = new FederationConfiguration(
                section.text("name", null, FederationName::new),
                section.list("sites", List.of(), 100_000, SiteName::new),
                rounds,
                section.choice("agree-statistics", false, booleans()),
                cohort,
                times(section.section("times")),
                update,
                optimizer(section.section("server-optimizer")),
                evaluation(section.section("evaluation"), update.noise()),
                section.integer("seed", null, Long.MIN_VALUE, Long.MAX_VALUE),
                (int) section.integer("attempts", 3L, 1, 100));
        section.refuseUnknownKeys();
        try {
            // What only the parts together can break is found here, where the line is known; the hashes play no part.
            ContentHash any = ContentHash.of(new byte[0]);
            FederationSpec unused = configuration.specification(any, any);
        } catch (IllegalArgumentException e) {
            throw section.about("update", String.valueOf(e.getMessage()));
        }
        return configuration;
    }

    private static CohortRule cohort(YamlSection federation, YamlSection section) throws ConfigurationException {
        int quorum = (int) section.integer("quorum", 3L, 2, MOST_IN_A_ROUND);
        int minimum = (int) section.integer("minimum", (long) quorum, 2, MOST_IN_A_ROUND);
        int starting = (int) section.integer("starting", (long) minimum, 2, MOST_IN_A_ROUND);
        int maximum = (int) section.integer("maximum", (long) Math.max(16, starting), 2, MOST_IN_A_ROUND);
        section.refuseUnknownKeys();
        try {
            return new CohortRule(starting, minimum, maximum, quorum);
        } catch (IllegalArgumentException e) {
            throw federation.about("cohort", String.valueOf(e.getMessage()));
        }
    }

    private static RoundTimes times(YamlSection section) throws ConfigurationException {
        Duration least = Duration.ofMillis(100);
        Duration most = Duration.ofDays(30);
        RoundTimes times = new RoundTimes(
                section.duration("gathering", Duration.ofHours(24), least, most),
                section.duration("invitation", Duration.ofSeconds(30), least, most),
                section.duration("collecting", Duration.ofMinutes(30), least, most),
                section.duration("recovering", Duration.ofMinutes(2), least, most),
                section.duration("evaluating", Duration.ofMinutes(5), least, most));
        section.refuseUnknownKeys();
        return times;
    }

    private static UpdateRule update(YamlSection section, int rounds, CohortRule cohort) throws ConfigurationException {
        MaskingRule masking = masking(section.section("secure-aggregation"));
        boolean hidesSites = section.choice("noise", false, noises());
        UpdateNoise noise = hidesSites
                ? noise(section, section.section("site-level"), rounds, cohort, masking)
                : new UpdateNoise.None();
        // Weights are summed in the clear, so under noise every site weighs 1.
        UpdateRule rule = new UpdateRule(
                clipNorm(section, "clip-norm", 10.0),
                clipNorm(section, "statistics-bound", 100.0),
                section.integer("example-cap", hidesSites ? 1L : 1000L, 1, hidesSites ? 1 : 1_000_000_000),
                section.number("proximal-mu", 0.0, mu -> mu >= 0 && mu <= 1000, "0 (off) to 1000"),
                noise,
                masking);
        section.refuseUnknownKeys();
        return rule;
    }

    private static Map<String, Boolean> noises() {
        Map<String, Boolean> kinds = new LinkedHashMap<>();
        kinds.put("none", false);
        kinds.put("site-level", true);
        return kinds;
    }

    /** Either the multiplier of each round's noise, or what all rounds together may tell, from which it is calculated. */
    private static UpdateNoise noise(
            YamlSection update, YamlSection section, int rounds, CohortRule cohort, MaskingRule masking)
            throws ConfigurationException {
        if (section.has("multiplier") == section.has("epsilon")) {
            throw update.about(
                    "noise",
                    "site-level noise needs either 'site-level: {epsilon: 8, delta: 1e-5}' or 'site-level: {multiplier:"
                            + " 2}'");
        }
        SiteLevelRule rule = section.has("multiplier")
                ? new SiteLevelRule.Noise(new NoiseMultiplier(
                        section.number("multiplier", null, value -> value > 0 && value <= 1e4, "above 0, at most 1e4")))
                : new SiteLevelRule.Target(
                        new Epsilon(
                                section.number("epsilon", null, value -> value >= 0.01 && value <= 100, "0.01 to 100")),
                        new Delta(section.number(
                                "delta", null, value -> value >= 1e-30 && value <= 0.1, "1e-30 to 0.1")));
        section.refuseUnknownKeys();
        try {
            return rule.noise(rounds, cohort, masking);
        } catch (IllegalArgumentException e) {
            throw update.about("noise", String.valueOf(e.getMessage()));
        }
    }

    private static MaskingRule masking(YamlSection section) throws ConfigurationException {
        MaskingRule rule = new MaskingRule(
                new RingModulus((int) section.integer("bits", 24L, RingModulus.LEAST_BITS, RingModulus.MOST_BITS)),
                (int) section.integer("colluding", 1L, 0, 1000),
                robust(section.section("robust")));
        section.refuseUnknownKeys();
        return rule;
    }

    private static RobustRule robust(YamlSection section) throws ConfigurationException {
        Map<String, Integer> kinds = new LinkedHashMap<>();
        kinds.put("none", 0);
        kinds.put("median", 1);
        kinds.put("trimmed-mean", 2);
        kinds.put("krum", 3);
        int kind = section.choice("combination", 0, kinds);
        int groups = kind == 0 ? 0 : (int) section.integer("groups", null, 3, 100);
        int trim = kind == 2 ? (int) section.integer("trim", 1L, 1, 100) : 1;
        int malformed = kind == 3 ? (int) section.integer("malformed", 1L, 1, 100) : 1;
        section.refuseUnknownKeys();
        try {
            return switch (kind) {
                case 1 -> new RobustRule.Groups(groups, new RobustRule.Combination.Median());
                case 2 -> new RobustRule.Groups(groups, new RobustRule.Combination.TrimmedMean(trim));
                case 3 -> new RobustRule.Groups(groups, new RobustRule.Combination.Krum(malformed));
                default -> new RobustRule.None();
            };
        } catch (IllegalArgumentException e) {
            throw section.about("groups", String.valueOf(e.getMessage()));
        }
    }

    private static ClipNorm clipNorm(YamlSection section, String key, double fallback) throws ConfigurationException {
        return new ClipNorm(section.number(key, fallback, norm -> norm > 0 && norm <= 1e6, "above 0, at most 1e6"));
    }

    private static ServerOptimizer optimizer(YamlSection section) throws ConfigurationException {
        Map<String, Boolean> kinds = new LinkedHashMap<>();
        kinds.put("fedavg", false);
        kinds.put("fedadam", true);
        boolean adam = section.choice("kind", false, kinds);
        double rate = section.number(
                "learning-rate", adam ? 0.01 : 1.0, value -> value > 0 && value <= 100, "above 0, at most 100");
        ServerOptimizer optimizer = adam
                ? new ServerOptimizer.FedAdam(
                        rate,
                        decay(section, "beta1", 0.9),
                        decay(section, "beta2", 0.99),
                        section.number("epsilon", 1e-3, value -> value >= 1e-18 && value <= 1, "1e-18 to 1"))
                : new ServerOptimizer.FedAvg(rate, decay(section, "momentum", 0.0));
        section.refuseUnknownKeys();
        return optimizer;
    }

    private static double decay(YamlSection section, String key, double fallback) throws ConfigurationException {
        return section.number(key, fallback, value -> value >= 0 && value < 1, "0 or more, below 1");
    }

    private static EvaluationRule evaluation(YamlSection section, UpdateNoise noise) throws ConfigurationException {
        if (section.has("every") && !(noise instanceof UpdateNoise.None)) {
            throw section.about(
                    "every",
                    "sites score nothing under site-level noise, because their counts carry none: leave 'every' out");
        }
        int every = (int) section.integer("every", 1L, 1, 1_000_000);
        EvaluationRule rule = section.text("classes", null, value -> {
            try {
                return new EvaluationRule(every, Integer.parseInt(value));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected the number of classes of the learning task", e);
            }
        });
        section.refuseUnknownKeys();
        return rule;
    }

    private static Map<String, Boolean> booleans() {
        Map<String, Boolean> words = new LinkedHashMap<>();
        words.put("true", true);
        words.put("false", false);
        return words;
    }
}
