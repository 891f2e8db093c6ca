package dev.parley.sim.report;

import java.util.List;

/**
 * What private training promises, as the report shows it. Neighbours differ by one unit more or less; of a site, by its
 * update or zeros in its place.
 *
 * @param unit whose presence is hidden: {@code record}, {@code subject} or {@code site}
 * @param mechanism what hides it
 * @param sites what each has spent, each of its own records
 * @param curve what a site spends that trains in every round, over the rounds
 * @param unpaid what leaves sites or is shown here and is not covered
 * @param foreseeable whether the noise can be computed from the run's seed, so that epsilon is what the same settings
 *     promise elsewhere and this run protects nothing
 */
public record PrivacyClaim(
        String unit,
        double delta,
        Mechanism mechanism,
        List<Site> sites,
        List<Spent> curve,
        List<String> unpaid,
        boolean foreseeable) {
    /** Whose bounds the epsilons are. */
    public static final String ACCOUNTANT = "pld";

    public static final String NEIGHBOURS = "add-remove";

    /** What hides a unit. */
    public sealed interface Mechanism {
        /** Of a step, or of a round. */
        double noiseMultiplier();

        /** Each site by itself, in every step of its training (DP-SGD). */
        record NoisySteps(double noiseMultiplier) implements Mechanism {}

        /**
         * All sites together, in the sum of each round.
         *
         * @param clipNorm of each site's update
         * @param shares honest sites whose noise alone is enough
         */
        record NoisySums(double noiseMultiplier, double clipNorm, int shares) implements Mechanism {}
    }

    /** @param epsilon positive infinity where nothing is promised any more */
    public record Spent(int rounds, double epsilon) {}

    public record Site(String site, Spent spent) {}

    public PrivacyClaim {
        sites = List.copyOf(sites);
        curve = List.copyOf(curve);
        unpaid = List.copyOf(unpaid);
    }

    /** The largest of the sites'. */
    public double epsilon() {
        return sites.stream().mapToDouble(site -> site.spent().epsilon()).max().orElse(0);
    }
}
