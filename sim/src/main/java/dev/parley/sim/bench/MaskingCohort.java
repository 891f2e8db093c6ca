package dev.parley.sim.bench;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How many masks a round of secure aggregation costs.
 *
 * @param sites that began the round
 * @param lost of them, before their upload
 * @param degree peers with which each shares a pair seed
 */
public record MaskingCohort(int sites, int lost, int degree) {
    /**
     * Degrees of the k-regular graph of Bell et al. 2020 by number of members, for 10% corrupt and 10% lost, against a
     * coordinator that follows the protocol once the keys are set (security 40, failure 20 bits).
     */
    private static final NavigableMap<Integer, Integer> DEGREES =
            new TreeMap<>(Map.of(100, 32, 1_000, 96, 10_000, 122, 1_000_000, 146));

    public MaskingCohort {
        if (sites < 3 || sites > 1_000_000) {
            throw new IllegalArgumentException("--sites is 3 to 1,000,000, got " + sites);
        }
        if (degree < 2 || degree > sites - 1) {
            throw new IllegalArgumentException("--degree is 2 to sites - 1 = " + (sites - 1) + ", got " + degree);
        }
        if (lost < 0 || sites - lost < 2) {
            throw new IllegalArgumentException("at least 2 of " + sites + " sites survive, but " + lost + " are lost");
        }
    }

    /** Every site with every other. */
    static MaskingCohort fullGraph(int sites, double lostPercent) {
        return new MaskingCohort(sites, lostOf(sites, lostPercent), sites - 1);
    }

    /** @param degree 0 for the one of the table that serves as many members or more */
    static MaskingCohort regularGraph(int sites, double lostPercent, int degree) {
        int chosen = degree;
        if (degree == 0) {
            Map.Entry<Integer, Integer> entry = DEGREES.ceilingEntry(sites);
            chosen = Math.min(entry == null ? DEGREES.lastEntry().getValue() : entry.getValue(), sites - 1);
        }
        return new MaskingCohort(sites, lostOf(sites, lostPercent), chosen);
    }

    private static int lostOf(int sites, double lostPercent) {
        if (!(lostPercent >= 0 && lostPercent < 100)) {
            throw new IllegalArgumentException("--lost is 0 to less than 100 per cent, got " + lostPercent);
        }
        return (int) Math.round(sites * lostPercent / 100);
    }

    public int survivors() {
        return sites - lost;
    }

    /** One for each peer and the site's own. */
    public int masksAtSite() {
        return degree + 1;
    }

    /** One for each survivor, and one for each pair of a lost site and a surviving neighbour of it. */
    public long masksAtCoordinator() {
        return survivors() + Math.round((double) lost * degree * survivors() / (sites - 1));
    }
}
