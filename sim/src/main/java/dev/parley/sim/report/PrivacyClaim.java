package dev.parley.sim.report;

import java.util.List;

/**
 * What private training promises, as the report shows it. Neighbouring records differ by one unit more or less.
 *
 * @param unit whose presence is hidden: {@code record} or {@code subject}
 * @param noiseMultiplier of one step
 * @param sites what each has spent, each of its own records
 * @param curve what a site spends that trains in every round, over the rounds
 * @param unpaid what leaves sites or is shown here and is not covered
 * @param foreseeable whether the noise can be computed from the run's seed, so that epsilon is what the same settings
 *     promise elsewhere and this run protects nothing
 */
public record PrivacyClaim(
        String unit,
        double delta,
        double noiseMultiplier,
        List<Site> sites,
        List<Spent> curve,
        List<String> unpaid,
        boolean foreseeable) {
    /** Whose bounds the epsilons are. */
    public static final String ACCOUNTANT = "pld";

    public static final String NEIGHBOURS = "add-remove";

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
