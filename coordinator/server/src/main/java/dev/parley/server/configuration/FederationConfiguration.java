package dev.parley.server.configuration;

import dev.parley.privacy.update.ClipNorm;
import dev.parley.server.identity.SiteName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is learned together, by whom and under which rules.
 *
 * @param name lower-case letters, digits and hyphens
 * @param sites who may take part; empty for every enrolled site
 * @param seed all randomness of the federation is derived from it
 * @param rounds training rounds
 * @param statisticsRound whether round 0 agrees on normalisation moments first
 * @param cohort how many sites a round needs and takes
 * @param deadlines how long each part of a round may take
 * @param attempts how often a round is tried before the federation fails
 * @param clipNorm bound on every update
 * @param exampleCap examples that count for one site at most
 * @param proximalMu FedProx term at the sites; 0 for plain FedAvg
 * @param optimiser what the coordinator does with the mean update
 */
public record FederationConfiguration(
        String name,
        List<SiteName> sites,
        long seed,
        int rounds,
        boolean statisticsRound,
        Cohort cohort,
        Deadlines deadlines,
        int attempts,
        ClipNorm clipNorm,
        long exampleCap,
        double proximalMu,
        ServerOptimiserConfiguration optimiser) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /**
     * Sizes of a round's cohort.
     *
     * @param least fewest contributions with which a round releases; a round with fewer is abandoned
     * @param start sites that are attached before the first round begins
     * @param most sites invited to one round
     */
    public record Cohort(int least, int start, int most) {}

    /**
     * The longest that parts of a round take.
     *
     * @param invitation until a site must have accepted
     * @param collection from the plan until the last update counts
     * @param evaluation until the last evaluation counts
     */
    public record Deadlines(Duration invitation, Duration collection, Duration evaluation) {}

    /** What the coordinator does with the mean update. */
    public sealed interface ServerOptimiserConfiguration {
        /** Adds it, times a rate: FedAvg at rate 1. */
        record Averaging(double learningRate) implements ServerOptimiserConfiguration {}

        /** FedAdam (Reddi et al. 2021, Algorithm 2). */
        record Adam(double learningRate, double beta1, double beta2, double tau)
                implements ServerOptimiserConfiguration {}
    }

    static FederationConfiguration read(YamlSection section) throws ConfigurationException {
        FederationConfiguration configuration = new FederationConfiguration(
                section.text("name", null, FederationConfiguration::name),
                section.list("sites", List.of(), 100_000, SiteName::new),
                section.integer("seed", null, Long.MIN_VALUE, Long.MAX_VALUE),
                (int) section.integer("rounds", null, 1, 100_000),
                section.choice("statistics-round", false, booleans()),
                cohort(section.section("cohort")),
                deadlines(section.section("deadlines")),
                (int) section.integer("attempts", 3L, 1, 100),
                new ClipNorm(
                        section.number("clip-norm", 10.0, norm -> norm > 0 && norm <= 1e6, "above 0, at most 1e6")),
                section.integer("example-cap", 10_000L, 1, 1_000_000_000),
                section.number("proximal-mu", 0.0, mu -> mu >= 0 && mu <= 1e3, "0 (off) to 1000"),
                optimiser(section.section("server-optimiser")));
        section.refuseUnknownKeys();
        return configuration;
    }

    private static Cohort cohort(YamlSection section) throws ConfigurationException {
        int least = (int) section.integer("least", 2L, 1, 100_000);
        int start = (int) section.integer("start", (long) least, 1, 100_000);
        int most = (int) section.integer("most", (long) Math.max(100, start), 1, 100_000);
        if (start < least) {
            throw section.about("start", "the first round needs at least 'least' = " + least + " sites, got " + start);
        }
        if (most < start) {
            throw section.about("most", "a cohort holds at least 'start' = " + start + " sites, got " + most);
        }
        section.refuseUnknownKeys();
        return new Cohort(least, start, most);
    }

    private static Deadlines deadlines(YamlSection section) throws ConfigurationException {
        Duration least = Duration.ofMillis(100);
        Deadlines deadlines = new Deadlines(
                section.duration("invitation", Duration.ofSeconds(30), least, Duration.ofHours(1)),
                section.duration("collection", Duration.ofMinutes(30), least, Duration.ofDays(7)),
                section.duration("evaluation", Duration.ofMinutes(5), least, Duration.ofDays(1)));
        section.refuseUnknownKeys();
        return deadlines;
    }

    private static ServerOptimiserConfiguration optimiser(YamlSection section) throws ConfigurationException {
        Map<String, Boolean> kinds = new LinkedHashMap<>();
        kinds.put("averaging", false);
        kinds.put("adam", true);
        boolean adam = section.choice("kind", false, kinds);
        double rate = section.number(
                "learning-rate", adam ? 0.01 : 1.0, value -> value > 0 && value <= 100, "above 0, at most 100");
        ServerOptimiserConfiguration optimiser = adam
                ? new ServerOptimiserConfiguration.Adam(
                        rate,
                        section.number("beta1", 0.9, beta -> beta >= 0 && beta < 1, "0 or more, below 1"),
                        section.number("beta2", 0.99, beta -> beta >= 0 && beta < 1, "0 or more, below 1"),
                        section.number("tau", 1e-3, tau -> tau > 0 && tau <= 1, "above 0, at most 1"))
                : new ServerOptimiserConfiguration.Averaging(rate);
        section.refuseUnknownKeys();
        return optimiser;
    }

    private static Map<String, Boolean> booleans() {
        Map<String, Boolean> words = new LinkedHashMap<>();
        words.put("true", true);
        words.put("false", false);
        return words;
    }

    private static String name(String value) {
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a federation's name is 1 to 63 lower-case letters, digits and inner hyphens");
        }
        return value;
    }
}
